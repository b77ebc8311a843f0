"""A crowd waits in line: it is answered, every one of it, however few connections the database has."""

import asyncio
from collections import Counter

import httpx

from gateway.shell.room import PLACES, Room
from gateway.wiring import Installation
from tests.gateway.shell.conftest import Program
from tests.gateway.web import BASE, Caller

CROWD = 120  # three times the threads, eight times the connections


def test_no_more_than_its_places_are_in_a_room() -> None:
    async def crowd() -> int:
        room, inside, most = Room(3), 0, 0

        async def one() -> None:
            nonlocal inside, most
            async with room.place():
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*(one() for _ in range(20)))
        return most

    assert asyncio.run(crowd()) == 3


def test_a_place_is_given_back_by_whoever_fails(shop: Installation) -> None:
    caller = Caller(shop)
    for _ in range(3 * PLACES):
        assert caller.get("/catalogue").status_code == 403
    assert caller.get("/sign-in").status_code == 200


def test_a_crowd_is_answered(buyer: Program) -> None:
    """Each visit holds a connection and needs a thread; without a line they waited for one another."""

    async def crowd() -> Counter[int]:
        transport = httpx.ASGITransport(app=buyer.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url=BASE, cookies=buyer.cookies, timeout=300
        ) as client:
            answers = await asyncio.gather(*(client.get("/orders") for _ in range(CROWD)))
        return Counter(answer.status_code for answer in answers)

    assert asyncio.run(crowd()) == {200: CROWD}
