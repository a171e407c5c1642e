"""Ids, rights, states, turns, executions in memory: small parts with rules of their own."""

from __future__ import annotations

import threading

import pytest
from scene import ADA, BEN, CLEO, DORA, MACHINE, ROOT, House, line, service_task, user_task

import bpmn
from engine import Engine, Settings, open_engine, rights, states
from engine import commands as c
from engine import queries as q
from engine.actors import Actor, Role
from engine.decisions import InstanceRow
from engine.errors import Conflict, Forbidden
from engine.executions import Live, LiveExecutions, load
from engine.ids import new_id, wait_id
from engine.reading import Reading
from engine.store import instances
from engine.turns import Turns


class TestIds:
    def test_ids_sort_by_the_order_they_were_made_in(self) -> None:
        made = [new_id() for _ in range(10_000)]
        assert made == sorted(made)
        assert len(set(made)) == 10_000

    def test_an_id_is_a_uuid_of_version_seven(self) -> None:
        from uuid import UUID

        identifier = UUID(new_id())
        assert (identifier.version, identifier.variant) == (7, "specified in RFC 4122")

    def test_ids_of_many_threads_differ(self) -> None:
        made: list[str] = []
        threads = [threading.Thread(target=lambda: made.extend(new_id() for _ in range(2_000))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(made)) == 8_000

    def test_a_wait_is_named_after_its_place(self) -> None:
        assert wait_id("abc", 7) == "abc.7"


class TestRights:
    def test_every_command_and_query_is_somebodys(self) -> None:
        everything = {
            one for module in (c, q) for one in vars(module).values()
            if isinstance(one, type) and issubclass(one, (c.Command, q.Query)) and one not in (c.Command, q.Query)
        }  # fmt: skip
        given = set().union(*rights.RIGHTS.values())
        assert everything - given == {c.CreateUser, q.ListUsers}  # an administrator's alone
        assert given <= everything

    def test_the_administrator_may_do_everything(self) -> None:
        assert rights.may(ROOT, c.CreateUser)
        rights.require(ROOT, c.FetchJobs)

    def test_without_a_role_nothing_is_allowed(self) -> None:
        nobody = Actor(name="nobody")
        for message in (c.StartProcessInstance, q.ListDefinitions, q.ListUserTasks, c.CreateToken):
            with pytest.raises(Forbidden):
                rights.require(nobody, message)

    def test_a_refusal_names_the_roles_that_would_do(self) -> None:
        with pytest.raises(Forbidden) as forbidden:
            rights.require(BEN, c.CreateUser)
        assert forbidden.value.extra["needed_roles"] == ["administrator"]
        with pytest.raises(Forbidden) as forbidden:
            rights.require(BEN, c.FetchJobs)
        assert forbidden.value.extra["needed_roles"] == ["worker"]

    def test_a_machine_has_no_inbox(self) -> None:
        assert not rights.may(MACHINE, q.ListUserTasks)
        assert not rights.may(MACHINE, c.CompleteUserTask)

    def test_candidates_are_people_groups_or_everybody(self) -> None:
        assert rights.is_candidate(BEN, ["ben"], [])
        assert rights.is_candidate(BEN, [], ["approvers"])
        assert rights.is_candidate(DORA, [], [])
        assert not rights.is_candidate(DORA, ["ben"], ["approvers"])

    def test_a_task_for_everybody_is_its_holders_alone_once_held(self) -> None:
        assert rights.sees_task(DORA, None, [], [])
        assert rights.sees_task(DORA, "dora", [], [])
        assert not rights.sees_task(DORA, "ben", [], [])
        assert rights.sees_task(CLEO, "ben", [], ["finance"])
        assert rights.sees_task(ROOT, "ben", [], [])

    def test_a_starter_sees_its_own_instances(self) -> None:
        assert rights.sees_instance(BEN, "ben")
        assert not rights.sees_instance(BEN, "ada")
        assert rights.sees_instance(ADA, "ben")
        assert not rights.sees_instance(Actor(name="p", roles=frozenset({Role.PARTICIPANT})), "p")


class TestStates:
    def test_a_verb_leads_on_or_is_a_conflict(self) -> None:
        assert states.after(states.PROCESS_INSTANCE, "active", "suspended", "it") == "suspended"
        with pytest.raises(Conflict, match="it is completed and cannot be cancelled"):
            states.after(states.PROCESS_INSTANCE, "completed", "cancelled", "it")


class TestTurns:
    def test_one_moves_an_instance_and_the_next_one_waits(self) -> None:
        turns = Turns()
        first, second = turns.turn(), turns.turn()
        with first:
            assert first.take_now("a")
            assert first.take_now("a")
            assert not second.take_now("a")
            assert second.take_now("b")
        with second:
            second.wait("a")
            assert second.take_now("a")

    def test_whoever_waited_too_long_goes_on_anyway(self, monkeypatch: pytest.MonkeyPatch) -> None:
        turns = Turns()
        with turns.turn() as first, turns.turn() as second:
            monkeypatch.setattr(type(second), "PATIENCE_SECONDS", 0.01)
            assert first.take_now("a")
            second.wait("a")
            assert second.take_now("a")


class TestExecutionsInMemory:
    @pytest.fixture
    def live(self) -> Live:
        from scene import diagram

        (definition,) = bpmn.parse(diagram(line(user_task()))).definitions
        return Live(bpmn.Execution.new(definition), 10)

    def test_only_the_version_asked_for_is_given_and_only_once(self, live: Live) -> None:
        kept = LiveExecutions(10)
        kept.keep("a", 3, live)
        assert kept.take("a", 3) is live
        assert kept.take("a", 3) is None
        kept.keep("a", 3, live)
        assert kept.take("a", 4) is None

    def test_the_oldest_are_forgotten_and_the_heavy_never_kept(self, live: Live) -> None:
        kept = LiveExecutions(2)
        for name in "abc":
            kept.keep(name, 1, live)
        assert [kept.take(name, 1) is not None for name in "abc"] == [False, True, True]
        kept.keep("heavy", 1, Live(live.execution, LiveExecutions.HEAVY + 1))
        assert kept.take("heavy", 1) is None
        for number in range(100):
            LiveExecutions(1_000).keep(str(number), 1, Live(live.execution, LiveExecutions.HEAVY))

    def test_all_together_are_bounded(self, live: Live) -> None:
        kept = LiveExecutions(1_000)
        for number in range(100):
            kept.keep(str(number), 1, Live(live.execution, LiveExecutions.HEAVY))
        assert sum(kept.take(str(number), 1) is not None for number in range(100)) == LiveExecutions.MOST

    @pytest.mark.parametrize("capacity", [0, 500])
    def test_with_and_without_memory_the_same_comes_of_it(self, database_url: str, capacity: int) -> None:
        engine = open_engine(Settings(database_url=database_url, execution_cache=capacity))
        house = House(engine)
        instance = house.start(line(user_task("first"), service_task(), user_task("last")), n=1)
        house.complete(house.task(instance), note="a")
        (job,) = house.fetch()
        house.done(job, receipt=7)
        house.complete(house.task(instance), note="b")
        assert house.instance(instance).state == "completed"
        assert house.variables(instance) == {"n": 1, "note": "b", "receipt": 7}
        engine.close()

    def test_what_is_kept_equals_what_is_stored(self, engine: Engine, house: House) -> None:
        instance = house.start(line(user_task("first"), service_task(), user_task("last")), n=1)
        house.complete(house.task(instance), note="a")
        stored = house.instance(instance)
        kept = engine._kept.take(instance.id, stored.version)
        assert kept is not None
        with engine.database.read() as connection:
            reading = Reading(connection, engine.clock, engine._definitions.over(connection), engine.database.dialect)
            row = instances.find(connection, instance.id)
            assert row is not None
            restored = load(reading, InstanceRow(*row))
        token = int(house.fetch()[0].id.split(".")[1])
        assert kept.execution.visible_variables(token) == restored.execution.visible_variables(token)
        assert kept.execution.scopes() == restored.execution.scopes()
