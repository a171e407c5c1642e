"""The inbox: who sees which user tasks, and what it costs."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any, Literal

import pytest
import sqlalchemy
from plans import plan_of, rows_looked_at, statements
from sqlalchemy import insert, text

from engine import Engine, commands, errors, queries, rights
from engine.actors import Actor, Role
from engine.records import UserTask
from engine.store.tables import user_task, user_task_candidate
from engine.testing import ManualClock

View = Literal["mine", "claimable", "all"]


def start(service: Engine, actor: Actor, key: str, **more: Any) -> str:
    instance = service.execute(
        commands.StartProcessInstance(definition_key=key, **more),
        actor,
    )
    return str(instance.id)


def listed(service: Engine, actor: Actor, view: View = "all", **more: Any) -> list[UserTask]:
    page = service.read(queries.ListUserTasks(view=view, **more), actor)
    return list(page.items)


def names(tasks: list[UserTask]) -> set[str]:
    return {task.element_id for task in tasks}


class TestWhoSeesWhat:
    def test_everybody_finds_what_is_theirs_and_what_they_may_claim(
        self, service: Engine, analyst: Actor, ben: Actor, cleo: Actor, operator: Actor
    ) -> None:
        start(service, analyst, "offers")

        assert names(listed(service, ben, "mine")) == {"for_ben"}
        assert names(listed(service, ben, "claimable")) == {"offered_to_ben", "offered_to_all"}
        assert names(listed(service, ben)) == {"for_ben", "offered_to_ben", "offered_to_all"}
        assert names(listed(service, cleo, "mine")) == {"for_cleo"}
        assert names(listed(service, cleo, "claimable")) == {"offered_to_finance", "offered_to_all"}
        assert names(listed(service, operator, "mine")) == set()
        assert len(listed(service, operator)) == 5

    def test_the_counts_are_those_of_the_lists(
        self, service: Engine, analyst: Actor, ben: Actor, cleo: Actor, operator: Actor
    ) -> None:
        for _ in range(3):
            start(service, analyst, "offers")
        for actor in (ben, cleo, operator, analyst):
            counts = service.read(queries.CountUserTasks(), actor)
            assert counts.mine == len(listed(service, actor, "mine"))
            assert counts.claimable == len(listed(service, actor, "claimable"))

    def test_what_another_claimed_leaves_the_list_of_those_who_could(
        self, service: Engine, analyst: Actor, ben: Actor, cleo: Actor
    ) -> None:
        start(service, analyst, "approval", variables={"amount": 5})
        (task,) = listed(service, ben, "claimable")

        service.execute(commands.ClaimUserTask(id=task.id), ben)

        assert listed(service, cleo, "claimable") == []
        assert [one.assignee for one in listed(service, cleo)] == ["ben"]  # a candidate still sees who does it
        assert names(listed(service, ben, "mine")) == {"decide"}

    def test_a_task_that_is_nobodys_disappears_for_others_once_somebody_holds_it(
        self, service: Engine, analyst: Actor, ben: Actor, cleo: Actor
    ) -> None:
        start(service, analyst, "offers")
        task = next(one for one in listed(service, ben) if one.element_id == "offered_to_all")
        service.execute(commands.ClaimUserTask(id=task.id), ben)

        assert "offered_to_all" not in names(listed(service, cleo))
        with pytest.raises(errors.NotFound):
            service.read(queries.GetUserTask(id=task.id), cleo)

    def test_a_hidden_task_and_one_that_never_was_are_told_the_same(
        self, service: Engine, analyst: Actor, ben: Actor, cleo: Actor, stranger: Actor
    ) -> None:
        start(service, analyst, "offers")
        hidden = next(one for one in listed(service, ben) if one.element_id == "for_ben").id

        told = []
        for actor, task_id in ((cleo, hidden), (stranger, hidden), (cleo, "0" * len(hidden))):
            with pytest.raises(errors.NotFound) as refused:
                service.read(queries.GetUserTask(id=task_id), actor)
            told.append(refused.value.message.replace(task_id, "…"))

        assert len(set(told)) == 1

    def test_another_tenant_has_an_inbox_of_its_own(self, service: Engine, analyst: Actor, stranger: Actor) -> None:
        start(service, analyst, "offers")

        assert listed(service, stranger) == []
        assert service.read(queries.CountUserTasks(), stranger).claimable == 0

    def test_who_has_no_role_in_it_may_not_ask(self, service: Engine, worker: Actor) -> None:
        with pytest.raises(errors.Forbidden):
            listed(service, worker)

    def test_the_filter_in_sql_is_the_rule_in_rights(self, service: Engine, analyst: Actor) -> None:
        instance_id = start(service, analyst, "offers")
        people = ("ben", "cleo")
        groups = ("finance", "audit")
        cases = []
        with service.database.write() as connection:
            template = dict(connection.execute(sqlalchemy.select(user_task)).mappings().first() or {})
            connection.execute(sqlalchemy.delete(user_task))
            subsets = [
                (),
                *((one,) for one in (*people, *groups)),
                ("ben", "finance"),
                ("cleo", "audit"),
                people,
                groups,
            ]
            for number, (assignee, offered) in enumerate(itertools.product((None, "ben", "cleo", "dora"), subsets)):
                task_id = f"{instance_id}.{number + 1000}"
                connection.execute(insert(user_task).values(template | {"id": task_id, "assignee": assignee}))
                for name in offered:
                    kind = "user" if name in people else "group"
                    connection.execute(insert(user_task_candidate).values(task_id=task_id, kind=kind, name=name))
                users = {name for name in offered if name in people}
                cases.append((task_id, assignee, users, set(offered) - users))

        roles = ({Role.PARTICIPANT}, {Role.OPERATOR}, {Role.ADMINISTRATOR})
        member_of = ((), ("finance",), ("audit", "finance"), ("other",))
        for name, member, held in itertools.product((*people, "emil"), member_of, roles):
            actor = Actor(name=name, roles=frozenset(held), groups=frozenset(member))
            seen = {one.id for one in listed(service, actor, limit=200)}
            offered_now = {one.id for one in listed(service, actor, "claimable", limit=200)}
            for task_id, assignee, users, its_groups in cases:
                assert (task_id in seen) == rights.sees_task(actor, assignee, users, its_groups)
                free = assignee is None and rights.is_candidate(actor, users, its_groups)
                assert (task_id in offered_now) == free


class TestWhatIsTold:
    def test_a_task_as_its_assignee_finds_it(
        self, service: Engine, analyst: Actor, ben: Actor, clock: ManualClock
    ) -> None:
        clock.advance(seconds=90)
        instance_id = start(service, analyst, "approval", business_key="PO-7", variables={"amount": 5, "note": "ä"})
        (task,) = listed(service, ben)

        found = service.read(queries.GetUserTask(id=task.id), ben)

        assert found.process_instance_id == instance_id
        assert (found.definition_key, found.definition_name, found.business_key) == ("approval", "Approval", "PO-7")
        assert (found.name, found.documentation, found.priority) == ("Decide", "Is it worth the money?", 70)
        assert (found.candidate_users, found.candidate_groups) == ([], ["approvers"])
        assert (found.state, found.suspended, found.assignee) == ("open", False, None)
        assert found.created_at == clock.now()
        assert [(field.name, field.type, field.required) for field in found.fields] == [("approved", "boolean", True)]
        assert found.variables == {"amount": 5, "note": "ä"}
        assert task.variables is None  # only where one task is asked for

    def test_a_completed_task_tells_who_and_when_but_no_later_variables(
        self, service: Engine, analyst: Actor, ben: Actor, clock: ManualClock
    ) -> None:
        start(service, analyst, "approval", variables={"amount": 5})
        (task,) = listed(service, ben)
        clock.advance(minutes=5)
        service.execute(commands.CompleteUserTask(id=task.id, variables={"approved": True}), ben)

        assert listed(service, ben) == []
        (done,) = listed(service, ben, "mine", state="completed")
        assert (done.completed_by, done.assignee, done.ended_at) == ("ben", "ben", clock.now())
        assert done.created_at == clock.now() - timedelta(minutes=5)
        assert service.read(queries.GetUserTask(id=task.id), ben).variables is None

    def test_a_suspended_instance_shows_on_its_tasks(
        self, service: Engine, analyst: Actor, ben: Actor, operator: Actor
    ) -> None:
        instance_id = start(service, analyst, "approval", variables={"amount": 5})
        service.execute(commands.SuspendProcessInstance(id=instance_id), operator)

        assert [one.suspended for one in listed(service, ben, "claimable")] == [True]

    def test_a_cancelled_instance_leaves_nothing_to_do(
        self, service: Engine, analyst: Actor, ben: Actor, operator: Actor
    ) -> None:
        instance_id = start(service, analyst, "approval", variables={"amount": 5})
        service.execute(commands.CancelProcessInstance(id=instance_id), operator)

        assert listed(service, ben) == []
        assert names(listed(service, ben, state="cancelled")) == {"decide"}

    def test_filters(self, service: Engine, analyst: Actor, operator: Actor) -> None:
        first, _ = (start(service, analyst, "approval", variables={"amount": 5}) for _ in range(2))
        start(service, analyst, "offers")

        assert [one.process_instance_id for one in listed(service, operator, process_instance_id=first)] == [first]
        assert names(listed(service, operator, definition_key="approval")) == {"decide"}
        assert listed(service, operator, definition_key="nothing") == []


class TestPages:
    def test_pages_hold_every_task_once_newest_first(self, service: Engine, analyst: Actor, ben: Actor) -> None:
        for _ in range(7):
            start(service, analyst, "approval", variables={"amount": 5})
        everything = [one.id for one in listed(service, ben)]

        paged, cursor, pages = [], None, 0
        while cursor is not None or not pages:
            page = service.read(queries.ListUserTasks(limit=3, cursor=cursor), ben)
            paged += [one.id for one in page.items]
            cursor, pages = page.next_cursor, pages + 1

        assert pages == 3
        assert paged == everything == sorted(everything, reverse=True)

    def test_tasks_that_come_and_go_shift_no_page(self, service: Engine, analyst: Actor, ben: Actor) -> None:
        for _ in range(6):
            start(service, analyst, "approval", variables={"amount": 5})
        before = [one.id for one in listed(service, ben)]
        first = service.read(queries.ListUserTasks(limit=3), ben)

        start(service, analyst, "approval", variables={"amount": 5})
        service.execute(commands.CompleteUserTask(id=before[1], variables={"approved": True}), ben)
        second = service.read(queries.ListUserTasks(limit=3, cursor=first.next_cursor), ben)

        assert [one.id for one in second.items] == before[3:]

    def test_a_cursor_of_another_list_is_refused(self, service: Engine, analyst: Actor, operator: Actor) -> None:
        for _ in range(2):
            start(service, analyst, "approval", variables={"amount": 5})
        page = service.read(queries.ListProcessInstances(limit=1), operator)
        with pytest.raises(errors.Invalid):
            service.read(queries.ListUserTasks(cursor=page.next_cursor), operator)


class TestCost:
    def test_a_full_page_takes_as_many_statements_as_one_task(
        self, service: Engine, analyst: Actor, cleo: Actor
    ) -> None:
        start(service, analyst, "offers")
        with statements() as for_few:
            few = listed(service, cleo)
        for _ in range(20):
            start(service, analyst, "offers")
        with statements() as for_many:
            many = listed(service, cleo)

        assert len(many) > 10 * len(few)
        assert len(for_many) == len(for_few)

    @pytest.mark.parametrize("view", ["mine", "claimable", "all"])
    def test_what_is_finished_costs_the_inbox_nothing(
        self, service: Engine, analyst: Actor, cleo: Actor, view: View
    ) -> None:
        """Each database must find the open tasks by an index that begins with tenant and state, so that finished ones
        are never looked at, however many there are."""
        start(service, analyst, "offers")
        with statements() as asked:
            listed(service, cleo, view)
            service.read(queries.CountUserTasks(), cleo)
        asked = [one for one in asked if "FROM user_task " in one[0]]
        assert len(asked) == 3
        before = looked_at(service, asked)

        with_many_more(service, state="completed", assignee=None if view == "claimable" else "cleo")

        with service.database.read() as connection:
            for statement, parameters in asked:
                plan = plan_of(connection, statement, parameters)
                assert "ix_user_task_tenant_id_state" in plan, plan
                assert "Seq Scan on user_task" not in plan, plan
                assert "SCAN user_task" not in plan, plan
                # SQLite names the columns that it looks up by
                assert service.database.dialect == "postgresql" or "tenant_id=? AND state=?" in plan, plan
        assert looked_at(service, asked) <= before + 5

    @pytest.mark.parametrize("view", ["mine", "claimable"])
    def test_what_others_hold_costs_the_inbox_nothing(
        self, service: Engine, analyst: Actor, cleo: Actor, view: View
    ) -> None:
        start(service, analyst, "offers")
        with statements() as asked:
            listed(service, cleo, view)
        asked = [one for one in asked if "FROM user_task " in one[0]]
        before = looked_at(service, asked)

        with_many_more(service, state="open", assignee="zoe")

        with service.database.read() as connection:
            ((statement, parameters),) = asked
            assert "ix_user_task_tenant_id_state_assignee_id" in plan_of(connection, statement, parameters)
        assert looked_at(service, asked) <= before + 5


def looked_at(service: Engine, asked: list[tuple[str, Any]]) -> int:
    """Rows, where the database tells; SQLite's plan has to do."""
    if service.database.dialect == "sqlite":
        return 0
    with service.database.read() as connection:
        return sum(rows_looked_at(connection, statement, parameters) for statement, parameters in asked)


def with_many_more(service: Engine, **columns: Any) -> None:
    """Tasks with candidates, written past the engine: what counts is that they are there."""
    with service.database.write() as connection:
        template = dict(connection.execute(sqlalchemy.select(user_task)).mappings().first() or {})
        rows = [template | columns | {"id": f"{template['instance_id']}.{10_000 + n}"} for n in range(5_000)]
        connection.execute(insert(user_task), rows)
        connection.execute(
            insert(user_task_candidate), [{"task_id": row["id"], "kind": "group", "name": "finance"} for row in rows]
        )
        connection.execute(text("ANALYZE"))
