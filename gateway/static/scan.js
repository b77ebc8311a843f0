// Reads codes with the camera where the browser can (BarcodeDetector), and puts them into the form as a
// hand scanner would. Where it cannot, the button stays hidden and nothing is missing.
"use strict";
const FORMATS = ["qr_code", "data_matrix", "code_128", "ean_13"];
const EVERY_MS = 200;
const form = document.getElementById("scan");
const camera = document.getElementById("camera");
const finder = document.getElementById("viewfinder");
let stream = null;

function stop() {
  if (stream) stream.getTracks().forEach((track) => track.stop());
  stream = null;
  finder.hidden = true;
}

async function look(detector, video) {
  if (!stream) return;
  try {
    const found = await detector.detect(video);
    if (found.length) {
      form.elements.q.value = found[0].rawValue.slice(0, form.elements.q.maxLength);
      stop();
      form.requestSubmit();
      return;
    }
  } catch {
    // a frame that is not there yet: the next one is looked at
  }
  setTimeout(look, EVERY_MS, detector, video);
}

async function start(formats) {
  const video = finder.querySelector("video");
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    camera.hidden = true; // no camera, or nobody lets us: the box above takes what is typed
    return;
  }
  video.srcObject = stream;
  finder.hidden = false;
  await video.play();
  look(new BarcodeDetector({ formats }), video);
}

async function offer() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const known = await BarcodeDetector.getSupportedFormats();
  const formats = FORMATS.filter((format) => known.includes(format));
  if (!formats.includes("qr_code")) return;
  camera.hidden = false;
  camera.addEventListener("click", () => (stream ? stop() : start(formats)));
  document.getElementById("camera-off").addEventListener("click", stop);
}

offer();
