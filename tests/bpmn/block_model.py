"""What a tree of blocks does, told a second time: a small reference that shares nothing with the interpreter.

It is about blocks, not flows: each block is given what comes after it. Elements run one after another in the order in
which they became ready; an inclusive join is decided when nothing else can run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bpmn.block_tokens import Area, Moves, Record, Then, Token, Wait, Watch
from tests.bpmn.random_blocks import FROM_OUTSIDE, Attached, Block


class Model(Moves):
    """One instance."""

    def __init__(self, block: Block, variables: dict[str, Any]):
        self.block = block
        super().__init__()
        self.variables = dict(variables)
        self.completed = False

    # -- from outside -------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Begin, and go on until everything waits."""
        area = Area(None, self._end)
        self._pass(area, "start", lambda: self.enter(self.block, area, lambda: self._pass(area, "end")))
        self._run()

    def happen(self, wait: Wait, **variables: Any) -> None:
        """What is waited for is here."""
        self.variables.update(variables)
        wait.happen()
        self._run()

    def thrown(self, wait: Wait) -> Iterator[Watch]:
        """Who would catch something thrown where somebody works, innermost first."""
        token: Token | None = wait.token
        while token is not None:
            yield from (watch for watch in token.watches if watch.kind not in FROM_OUTSIDE)
            token = token.body or token.area.host

    def throw(self, watch: Watch) -> None:
        """Something is thrown that this event catches."""
        watch.happen()
        self._run()

    def _end(self) -> None:
        self.completed = True

    # -- blocks -------------------------------------------------------------------------------------------------------
    def enter(self, block: Block, area: Area, then: Then) -> None:
        """The block is reached; `then` is what comes after it."""
        match block.kind:
            case "user" | "service" | "sub_process" | "several" | "watched":
                self._activity(block, area, then, [])
            case "task":
                self._pass(area, block.name, then)
            case "script":
                self._pass(area, block.name, lambda: self._count(block.name, then))
            case "sequence":
                self._in_turn(block.parts, area, then)
            case "choice":
                [taken] = block.taken
                merge = f"sync{block.number}"
                self._pass(
                    area,
                    block.name,
                    lambda: self.enter(block.parts[taken], area, lambda: self._pass(area, merge, then)),
                )
            case "parallel" | "implicit" | "inclusive":
                self._pass(area, block.name, lambda: self._together(block, area, then))
            case "transaction":
                self._visit(area, block.name, lambda token: self._transact(block, token, then))
            case "loop":
                self._pass(area, block.name, lambda: self._turn(block, area, then, 1))
            case other:
                assert other == "compensate"
                meant = _meant(area)
                self._visit(area, block.name, lambda token: self._undo(token, meant, lambda: self._done(token, then)))

    def _count(self, name: str, then: Then) -> None:
        self.variables[f"runs_{name}"] += 1
        then()

    def _in_turn(self, parts: list[Block], area: Area, then: Then) -> None:
        if parts:
            self.enter(parts[0], area, lambda: self._in_turn(parts[1:], area, then))
        else:
            then()

    def _together(self, block: Block, area: Area, then: Then) -> None:
        taken = block.taken if block.kind == "inclusive" else range(len(block.parts))
        missing = len(taken)

        def fire() -> None:
            if block.kind == "inclusive":
                area.held -= len(taken)
            self._pass(area, f"sync{block.number}", then)

        def arrive() -> None:
            nonlocal missing
            missing -= 1
            if block.kind == "inclusive":
                area.held += 1
                if missing == 0:
                    self._joins.append((area, fire))
            elif missing == 0:
                fire()

        for number in taken:
            self.enter(block.parts[number], area, arrive)

    def _turn(self, block: Block, area: Area, then: Then, turn: int) -> None:
        number = block.number

        def decide() -> None:
            if turn < block.turns:
                self._turn(block, area, then, turn + 1)
            else:
                self._pass(area, f"after{number}", then)

        self._pass(
            area,
            f"turn{number}",
            lambda: self.enter(block.parts[0], area, lambda: self._pass(area, f"again{number}", decide)),
        )

    # -- activities ---------------------------------------------------------------------------------------------------
    def _activity(self, block: Block, area: Area, then: Then, watches: list[Watch]) -> Token:
        if block.kind == "watched":
            return self._watched(block, area, then)
        if block.kind == "several":
            [part] = block.parts
            return self._visit(area, part.name, lambda token: self._several(block, part, token, then, watches))
        return self._visit(area, block.name, lambda token: self._work(block, token, then, watches))

    def _work(self, block: Block, token: Token, then: Then, watches: list[Watch]) -> None:
        """A task that waits, or a sub-process."""

        def done() -> None:
            if block.handler:
                token.area.records.append(Record(block, dict(self.variables)))
            self._done(token, then)

        if block.kind == "sub_process":
            self._open(block, token, then)
        else:
            self.waits.append(Wait(block.kind, block.name, token, done))
        self._watch(token, watches)

    def _transact(self, block: Block, token: Token, then: Then) -> None:
        """Two paths side by side; at the end of the second it may be cancelled, which undoes what was done in it."""
        number = block.number
        first, second = block.parts
        after: Then = lambda: self._pass(token.area, f"merge{number}", then) if block.taken else then()  # noqa: E731

        def over() -> None:
            if area.records:
                token.area.records.append(Record(block, dict(self.variables), area.records))
            self._done(token, after)

        def stop() -> None:
            if block.taken:
                area.over = lambda: None
                self._clear(area)
                self._undo(token, area, leave)

        def leave() -> None:
            self._pass(token.area, f"off{number}", after)
            self._cancel(token)

        area = Area(token, over)
        token.parts.append(area)

        def split() -> None:
            self.enter(first, area, lambda: self._pass(area, f"out{number}"))
            self.enter(second, area, lambda: self._pass(area, f"stop{number}", stop))

        self._pass(area, f"in{number}", lambda: self._pass(area, f"both{number}", split))

    def _open(self, block: Block, token: Token, then: Then) -> None:
        number = block.number

        def over() -> None:
            if area.records:
                token.area.records.append(Record(block, dict(self.variables), area.records))
            self._done(token, then)

        area = Area(token, over)
        token.parts.append(area)
        for position, event in enumerate(block.events):
            self._listen(block, area, f"{number}_{position}", event)
        self._pass(
            area,
            f"in{number}",
            lambda: self.enter(block.parts[0], area, lambda: self._pass(area, f"out{number}")),
        )

    def _listen(self, block: Block, area: Area, place: str, event: Attached) -> None:
        """An event sub-process waits for its event as long as its area is open."""
        left = 2 if event.kind == "timer" and not event.interrupting else 1
        listener = Token(f"at{place}", area)
        handler = Block(block.kind, [event.handler])

        def begin(token: Token) -> None:
            def over() -> None:
                if inner.records:
                    area.records.append(Record(handler, dict(self.variables), inner.records, token.name))
                self._done(token, lambda: None)

            inner = Area(token, over, by_event=True)
            token.parts.append(inner)
            self._pass(
                inner,
                f"at{place}",
                lambda: self.enter(event.handler, inner, lambda: self._pass(inner, f"done{place}")),
            )

        def occur() -> None:
            nonlocal left
            if event.interrupting:
                self._clear(area)
            elif event.kind == "timer":
                left -= 1
                if left == 0:
                    self._gone(listener)
            self._visit(area, f"on{place}", begin)

        area.listeners.append(listener)
        self.waits.append(Wait(event.kind, listener.name, listener, occur))

    def _several(self, block: Block, part: Block, body: Token, then: Then, watches: list[Watch]) -> None:
        finished = 0

        def begin() -> None:
            turn = self._visit(body.area, part.name, lambda token: self._work(part, token, lambda: ended(token), []))
            turn.body = body
            body.parts.append(turn)

        def ended(turn: Token) -> None:
            nonlocal finished
            body.parts.remove(turn)
            finished += 1
            if finished == block.turns or finished == block.until:
                for other in list(body.parts):
                    assert isinstance(other, Token)
                    self._cancel(other)
                collect()
            elif block.sequential:
                begin()

        def collect() -> None:
            if block.until is None:
                self.variables[f"results_{part.name}"] = list(range(1, block.turns + 1))
            self._done(body, then)

        if block.turns == 0:
            collect()
            return
        for _ in range(1 if block.sequential else block.turns):
            begin()
        self._watch(body, watches)

    # -- events -------------------------------------------------------------------------------------------------------
    def _watched(self, block: Block, area: Area, then: Then) -> Token:
        number = block.number
        merge: Then = then
        if any(event.interrupting for event in block.events):
            merge = lambda: self._pass(area, f"merge{number}", then)  # noqa: E731
        watches = []
        for position, event in enumerate(block.events):
            name = f"at{number}_{position}"
            after = merge if event.interrupting else self._passing(area, f"done{number}_{position}")

            def occur(name: str = name, handler: Block = event.handler, after: Then = after) -> None:
                self._pass(area, name, lambda: self.enter(handler, area, after))

            left = 2 if event.kind == "timer" and not event.interrupting else 1
            watches.append(Watch(name, event.kind, event.interrupting, left, occur))
        [host] = block.parts
        return self._activity(host, area, merge, watches)

    def _passing(self, area: Area, name: str) -> Then:
        return lambda: self._pass(area, name)

    def _watch(self, host: Token, watches: list[Watch]) -> None:
        """The activity waits now: its events are waited for."""
        for told in watches:
            watch = Watch(told.name, told.kind, told.interrupting, told.left, told.happen)
            watch.happen = self._occurring(host, watch, told.happen)
            host.watches.append(watch)
            if watch.kind in FROM_OUTSIDE:
                self.waits.append(Wait(watch.kind, watch.name, host, watch.happen))

    def _occurring(self, host: Token, watch: Watch, follow: Then) -> Then:
        def occur() -> None:
            follow()
            if watch.interrupting:
                self._cancel(host)
            elif watch.kind == "timer":
                watch.left -= 1
                if watch.left == 0:
                    self.waits = [w for w in self.waits if w.token is not host or w.name != watch.name]

        return occur

    # -- undoing ------------------------------------------------------------------------------------------------------
    def _undo(self, thrower: Token, area: Area, then: Then) -> None:
        """Undo what was done in the area, the last first; a record is used once."""
        pending = list(area.records)

        def proceed() -> None:
            while pending:
                record = pending.pop()
                if record in area.records:
                    area.records.remove(record)
                    thrower.parts.append(self._handle(area, record, proceed))
                    return
            then()

        proceed()

    def _handle(self, area: Area, record: Record, then: Then) -> Token:
        block = record.block
        if record.inside is not None:
            inside = Area(None, lambda: None, records=record.inside)

            def within(token: Token) -> None:
                inside.host = token
                token.parts.append(inside)
                self._undo_inside(token, inside, lambda: self._done(token, then))

            return self._visit(area, record.name or block.name, within)
        name = f"undo_{block.name}"

        def work(token: Token) -> None:
            if block.handler == "service":
                self.waits.append(Wait("service", name, token, lambda: self._done(token, then)))
            else:
                # It sees what was then, and writes now.
                self.variables[f"runs_{name}"] = record.variables[f"runs_{name}"] + 1
                self._done(token, then)

        return self._visit(area, name, work)

    def _undo_inside(self, token: Token, inside: Area, then: Then) -> None:
        stand_in = Token(token.name, inside)
        token.parts.append(stand_in)
        stand_in.live = False  # no element of its own: its handlers belong to the area
        self._undo(stand_in, inside, then)


def _meant(area: Area) -> Area:
    """What a compensation in this area is about: from inside an event sub-process the area around it."""
    while area.by_event:
        assert area.host is not None
        area = area.host.area
    return area
