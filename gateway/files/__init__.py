"""Files that people send in: taken by their bytes, never by their name or by what the sender calls them.

received      bytes as they come, cut off at the limit            receive.py
named         what the bytes are, on a short list of what we take media.py
checked       archives before anything is unpacked                archives.py
made anew     pictures decoded, turned upright, written again     pictures.py
accepted      all of this in one call                             intake.py

``workflows/keep_file.py`` stores what was accepted, ``store/files.py`` says whose it is.
"""
