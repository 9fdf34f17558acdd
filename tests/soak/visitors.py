"""Several visitors come at once, each again and again, as another kind of client every time."""

import traceback

from soak import clients, mpremote, rude, wellbehaved
from soak.errors import Excused, Refused
from soak.transfers import LostData

_RUDE = 0.3
_SPECIALITY = 0.3
_SPECIAL = {"RFC 2217": wellbehaved.TELNET, **dict.fromkeys(clients.DEVICES, wellbehaved.DEVICES)}
_ENOUGH_FAILURES = 20
_IDLE_PERIOD = 300.0
"""Seconds between two clients that vanish idle: nobody else gets in for so long then."""

_KINDS = [*clients.OPEN, *clients.OURS, "serial device", mpremote.KIND, mpremote.KIND, mpremote.KIND]
_WAYS = dict.fromkeys(clients.OURS, [way for way in rude.WAYS if way != "no FIN" or rude.may_vanish()])


class Visitor:
    """Comes and goes until the run ends."""

    def __init__(self, world, rng):
        self._world, self._rng = world, rng
        self._tally = world.tally

    def run(self):
        while not self._world.ending.is_set():
            kind = self._rng.choice(_KINDS)
            try:
                self._try_to_come(kind)
            except Exception as error:  # one failure shall not hide the next
                if isinstance(error, LostData):
                    self._tally.lose(error.lost)
                self._fail(kind)

    def _fail(self, kind):
        text = f"{kind}\n{traceback.format_exc()}"
        self._world.note(text)
        self._tally.fail(text)
        if len(self._tally.failures) >= _ENOUGH_FAILURES:
            self._world.ending.set()

    def _try_to_come(self, kind):
        try:
            self._come(kind)
            self._tally.count(self._tally.visits, kind)
        except Refused as refusal:
            self._tally.count(self._tally.refused, kind)
            if refusal.client:
                rude.refused(self._world, self._rng, refusal.client)
            self._world.pause(self._rng.uniform(0.1, 1))
        except Excused:
            self._tally.count(self._tally.excused, kind)

    def _come(self, kind):
        world, rng = self._world, self._rng
        if kind == mpremote.KIND:
            act = rng.choice(mpremote.ACTS)
            with world.strangers:
                act(world, rng, mpremote.address(world, rng))
            self._tally.count(self._tally.acts, f"mpremote {act.__name__}")
            return
        with clients.visit(world, kind) as client:
            if rng.random() < _RUDE:
                self._be_rude(kind, client)
            else:
                self._behave(kind, client)

    def _behave(self, kind, client):
        special = _SPECIAL.get(kind)
        if special and self._rng.random() < _SPECIALITY:
            act = self._rng.choice(special)
        else:
            act = self._rng.choice(wellbehaved.EVERYBODYS)
        act(self._world, self._rng, client)
        self._tally.count(self._tally.acts, act.__name__)

    def _be_rude(self, kind, client):
        world, rng = self._world, self._rng
        if "no FIN" in _WAYS.get(kind, ()) and world.time_to_vanish(_IDLE_PERIOD):
            rude.vanish_idle(world, client)
            return
        acts = {
            "raw": [rude.garbage],
            "RFC 2217": [rude.telnet_garbage, rude.cut_subnegotiation],
        }.get(kind, [])
        act = rng.choice([*acts, rude.leave, rude.leave])
        if act is rude.leave:
            rude.leave(world, rng, client, _WAYS.get(kind, ["close"]))
        else:
            act(world, rng, client)
