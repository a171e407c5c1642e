"""The one table of what a check can find: code, severity, clause, words, and what helps.

A clause without a name is one of BPMN 2.0.2 (formal/2013-12-09); 8.3.3 stands for our extensions of it. Rules of this
implementation alone say Signalbox. docs/rules.md is written from it (`page`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong."""

    code: str
    severity: Severity
    clause: str
    words: str
    fix: str
    subject: str


E: Severity = "error"
W: Severity = "warning"
_TABLE: dict[str, tuple[tuple[str, Severity, str, str, str], ...]] = {
    "The file": (
        ("xml_empty", E, "XML 1.0", "The file is empty.", "Choose the right file."),
        ("xml_broken", E, "XML 1.0", "The file is not well-formed XML.", "Export it again, or mend the line named."),
        ("xml_doctype", E, "Signalbox", "The file has a document type declaration.", "Delete the <!DOCTYPE …> part."),
        ("xml_too_deep", E, "Signalbox", "Elements nest deeper than 200 levels.", "Call a process instead."),
        (
            "xml_too_large",
            E,
            "Signalbox",
            "The file has more than 10 MB or 300,000 XML elements.",
            "Split it into several files.",
        ),
        (
            "too_many_elements",
            E,
            "Signalbox",
            "The processes of the file hold more than 20,000 elements and flows.",
            "Split it into processes that call one another.",
        ),
        ("too_many_problems", E, "Signalbox", "There are more errors than are told.", "Mend these first."),
        ("too_many_warnings", W, "Signalbox", "There are more warnings than are told.", "Look at these first."),
        ("not_bpmn", E, "8.2.1", "The root element is not <definitions> of BPMN 2.0.", "Export it as BPMN 2.0 XML."),
        (
            "language_ignored",
            W,
            "8.2.1",
            "The file names another language for expressions; they are read as Python.",
            "Name the language at each condition that is not Python.",
        ),
        ("no_process", E, "10.2.1", "No process in the file is executable.", "Draw one, or set isExecutable to true."),
        ("not_executable", W, "10.2.1", "A process is marked as not executable.", "Set isExecutable, or leave it out."),
        ("no_layout", W, "12.2", "The file has no shapes, so nothing can show it.", "Lay it out in a modeler."),
    ),
    "The schema": (
        ("unknown_element", E, "15", "BPMN 2.0 has no element of this name.", "Mend the name, or use a namespace."),
        ("misplaced_element", E, "15", "The element may not stand here.", "Move it to where it belongs."),
        ("element_twice", E, "15", "The element may stand here only once.", "Delete all but one."),
        (
            "attribute_unknown",
            E,
            "15",
            "The element has no attribute of this name.",
            "Mend its name, or give it a prefix.",
        ),
        ("attribute_missing", E, "15", "An attribute that must be there is missing.", "Add it."),
        ("bad_boolean", E, "15", "A value is neither true nor false.", "Write true or false."),
        ("bad_value", E, "15", "A value is none of those possible here.", "Choose one of those named."),
        (
            "schema_harmless",
            W,
            "15",
            "Something deviates from the BPMN schema where it changes nothing.",
            "Nothing need be done; other tools may refuse the file.",
        ),
        ("id_missing", E, "8.3.1", "An element has no id.", "Give it one."),
        ("id_twice", E, "8.3.1", "An id is used twice.", "Give one of them another."),
        ("id_invalid", E, "8.3.1", "An id is no XML name.", "Begin it with a letter or _, without blanks and colons."),
        ("id_too_long", E, "Signalbox", "An id is longer than 255 characters.", "Shorten it."),
        ("shape_id_twice", W, "12.2", "A shape has an id that is used already.", "Give the shape another."),
        (
            "dangling_reference",
            E,
            "15",
            "A reference names nothing in the file, or nothing of the right kind.",
            "Name what is meant, or delete the reference.",
        ),
        (
            "dangling_drawing",
            W,
            "15",
            "A line or list of the drawing names nothing in the file; it has no effect on what runs.",
            "Name what is meant, or delete it.",
        ),
    ),
    "What may stand where": (
        ("unsupported_element", E, "13.1", "An element of BPMN that is not run here.", "Draw it in another way."),
        ("unsupported_performer", E, "10.3.2", "Performers as BPMN writes them.", "Use the fields for assignment."),
        ("unsupported_data", E, "10.4.1", "Data mappings of events as BPMN writes them.", "Name the payload instead."),
        ("empty_scope", E, "10.3.5", "A sub-process is empty.", "Draw what it does."),
        ("nothing_begins", E, "13.2", "Nothing in a scope is without input: no token can begin.", "Add a start event."),
        ("by_event_misplaced", E, "10.3.5", "Only a plain sub-process can be an event sub-process.", "Unmark it."),
        ("called_element_missing", E, "10.3.6", "A call activity names no process to call.", "Name it."),
        (
            "called_without_start",
            E,
            "10.5.2",
            "A called process of this file has no none start event to begin with.",
            "Add one beside its others.",
        ),
        ("called_not_executable", W, "10.3.6", "A called process of this file is left out.", "Make it executable."),
        ("binding", E, "8.3.3", "The binding of a call activity is unknown.", "latest, deployment or version."),
        ("event_in_ad_hoc", E, "10.3.5", "An ad-hoc sub-process holds a start or end event.", "Delete it."),
        ("ad_hoc_without_activity", E, "10.3.5", "An ad-hoc sub-process holds no activity.", "Draw one in it."),
        ("transaction_method", W, "10.3.5", "The method of a transaction is read as ##Compensate.", "Choose that."),
        ("cancel_never", W, "10.3.5", "A cancel boundary event waits, but nothing cancels.", "Add a cancel end event."),
    ),
    "Starts and ends": (
        ("start_leads_nowhere", E, "10.5.2", "A start event has no outgoing flow.", "Draw what follows."),
        ("flow_into_start", E, "10.5.2", "A flow leads into a start event.", "Lead it to what follows the start."),
        ("flow_out_of_end", E, "10.5.3", "A flow leads out of an end event.", "Use an intermediate event."),
        (
            "event_start_misplaced",
            E,
            "10.5.2",
            "A sub-process begins with an event that waits for something.",
            "Use a none start event, or make it an event sub-process.",
        ),
        ("start_missing", E, "10.3.5", "An event sub-process has no start event.", "Add one."),
        ("start_twice", E, "10.3.5", "An event sub-process has more than one start event.", "Keep one."),
        (
            "start_without_event",
            E,
            "10.3.5",
            "The start of an event sub-process waits for nothing.",
            "Give it an event.",
        ),
        ("end_without_start", W, "10.5.3", "There is an end event, but no start event.", "Add a start event."),
        ("start_without_end", W, "10.5.3", "There is a start event, but no end event.", "Add an end event."),
        (
            "implicit_start",
            W,
            "10.5.2",
            "An element of a sub-process has no input beside a start event; both begin.",
            "Lead a flow to it, or delete the start event.",
        ),
        (
            "same_start",
            W,
            "10.5.2",
            "Two start events wait for the same message.",
            "Let one of them have another name.",
        ),
        (
            "instantiate_with_input",
            E,
            "10.6.6",
            "What starts instances has an input.",
            "Delete the flow that leads to it.",
        ),
        ("instantiate_misplaced", E, "10.6.6", "A sub-process cannot start instances.", "Draw it in the process."),
    ),
    "Events": (
        ("event_misplaced", E, "10.5", "An event of this kind may not stand here.", "Choose one that may."),
        ("misplaced_event", E, "10.5.5", "An element that is no event has an event definition.", "Use an event."),
        ("event_missing", E, "10.5.4", "An event waits for nothing.", "Choose what it waits for."),
        ("multiple_mixed", E, "10.5.5", "An event that must stand alone is mixed with others.", "Draw two events."),
        ("code_missing", E, "10.5.5", "An error or escalation is thrown without a code.", "Name one with a code."),
        ("must_interrupt", E, "10.5.4", "This event always interrupts.", "Make it interrupting."),
        ("cancel_misplaced", E, "10.5.3", "Cancelling belongs to transactions alone.", "Make the sub-process one."),
        ("not_attached", E, "10.5.4", "A boundary event is attached to no activity.", "Attach it to one beside it."),
        ("flow_into_boundary", E, "10.5.4", "A flow leads into a boundary event.", "Use an intermediate event."),
        ("boundary_leads_nowhere", W, "10.5.4", "Nothing follows a boundary event.", "Draw what follows."),
        ("caught_twice", W, "10.5.6", "Two boundary events catch the same error or escalation.", "Delete one."),
        ("error_uncaught", W, "10.5.6", "Nothing in the file catches an error.", "Catch it around its scope."),
        ("event_without_input", W, "10.5.4", "An intermediate event is no flow's target.", "Use a start event."),
        ("message_missing", E, "10.5.5", "No message of this file is named.", "Choose or add one."),
        ("message_name_missing", E, "8.4.11", "A message that is used has no name.", "Name it."),
        ("signal_missing", E, "10.5.5", "No signal of this file is named.", "Choose or add one."),
        ("signal_name_missing", E, "10.5.5", "A signal that is used has no name.", "Name it."),
        ("error_missing", E, "8.4.3", "The error named is not in this file.", "Choose or add one."),
        ("escalation_missing", E, "8.4.4", "The escalation named is not in this file.", "Choose or add one."),
        ("unsupported_event", E, "10.5.5", "An event definition that BPMN 2.0 does not have.", "Choose one it has."),
        ("message_payload", E, "8.3.3", "A foreign payload is no list of names and values.", "Write payload entries."),
        ("correlation_path", E, "8.4.2", "A correlation property has no path to its value.", "Give it one."),
        ("timer_missing", E, "10.5.5", "A timer has none or several of date, duration and cycle.", "Give it one."),
        ("timer_syntax", E, "10.5.5", "A time cannot be read.", "Write it as ISO 8601 has it, or as a cron line."),
        ("link_name_missing", E, "10.5.5", "A link event has no link name.", "Name the link."),
        ("link_missing", E, "10.5.5", "Nothing in this scope catches a link.", "Add a catching link event."),
        ("link_twice", E, "10.5.5", "Two link events catch the same link.", "Keep one."),
        ("link_unused", W, "10.5.5", "Nothing leads to a link.", "Add a throwing link event, or delete it."),
        ("link_flow", E, "10.5.5", "A link event has a flow on the side of the link.", "Delete the flow."),
    ),
    "Compensation": (
        ("handler_missing", E, "10.7.1", "A compensation event has not one handler.", "Tie one by an association."),
        ("handler_unmarked", E, "10.7.1", "A handler is not marked as compensation.", "Mark it."),
        ("handler_unused", W, "10.7.1", "No event leads to a handler of compensation.", "Tie one, or unmark it."),
        ("flow_at_handler", E, "10.7.1", "A handler of compensation has flows.", "Delete them."),
        ("flow_out_of_compensation", E, "10.7.1", "A compensation boundary event has a flow.", "Use an association."),
        ("nothing_to_compensate", W, "10.7.2", "What is to be compensated has no handler.", "Give it one."),
    ),
    "Sequence flows": (
        ("dangling_flow", E, "8.4.13", "A flow has no source or target beside it.", "Draw it between two elements."),
        ("flow_list_wrong", W, "8.4.13", "An incoming or outgoing entry names another flow.", "Save it in a modeler."),
        ("flow_at_event_sub_process", E, "10.3.5", "An event sub-process has flows.", "Delete them."),
        ("unreachable", E, "10.5.2", "No path leads from a start to an element.", "Connect it, or delete it."),
        ("path_ends", W, "10.5.3", "A path ends without an end event.", "Add an end event."),
        ("endless", W, "13.2", "From here no path leads to an end.", "Add a way out of the loop."),
        ("default_missing", E, "8.4.13", "The default flow named does not leave the element.", "Choose one that does."),
        ("default_misplaced", E, "8.4.13", "An element that takes all its flows has a default.", "Delete it."),
        ("default_with_condition", E, "8.4.13", "A default flow has a condition.", "Delete the condition."),
        ("default_never_taken", W, "8.4.13", "A default flow is never taken.", "Give the others conditions."),
        ("default_implied", W, "10.6.2", "A flow without condition serves as default.", "Mark it as the default flow."),
        ("no_default", W, "10.6.2", "If no condition holds, the instance stops.", "Add a default flow."),
        ("condition_missing", E, "10.6.2", "A condition is missing.", "Add one, or make it the default flow."),
        ("condition_empty", E, "8.4.6", "A condition is empty.", "Fill it in, or delete it."),
        ("condition_mixed", E, "8.4.6", "A condition holds elements.", "Write it as text alone."),
        ("condition_syntax", E, "8.4.6", "A condition cannot be read.", "Mend the line named."),
        ("condition_misplaced", E, "8.4.13", "An element that takes all its flows has conditions.", "Delete them."),
        ("condition_alone", W, "8.4.13", "The only flow out of an activity has a condition.", "Add a default flow."),
    ),
    "Gateways": (
        ("gateway_needless", W, "10.6.1", "A gateway neither splits nor joins.", "Delete it."),
        ("gateway_direction", W, "8.4.9", "The direction named is not the one drawn.", "Save it in a modeler."),
        ("choice_into_join", W, "10.6.4", "A join waits for branches of which not all come.", "Join by the same kind."),
        ("loop_into_join", W, "10.6.4", "A join waits for what comes only after it.", "Merge the way back before it."),
        ("runs_twice", W, "10.6.2", "Branches that run together meet without a join.", "Join them by the same kind."),
        ("activation_missing", W, "10.6.5", "A complex gateway joins without a condition.", "Add one."),
        ("event_gateway_few", E, "10.6.6", "Less than two events follow an event-based gateway.", "Add another."),
        ("event_gateway_target", E, "10.6.6", "What follows must wait for an event, and only here.", "Add the event."),
        ("event_gateway_mixed", E, "10.6.6", "Receive tasks and message events are mixed.", "Use one of both."),
        ("parallel_event_gateway", E, "10.6.6", "A parallel one that starts no instances.", "Make it exclusive."),
    ),
    "Loops": (
        ("misplaced_loop", E, "10.3.8", "An element that is no activity loops.", "Draw the loop by flows."),
        ("loop_twice", E, "10.3.8", "An activity is a loop and multi-instance at once.", "Put one into a sub-process."),
        ("loop_endless", E, "10.3.8", "A loop has neither a condition nor a maximum.", "Add one."),
        (
            "multi_instance_count",
            E,
            "10.3.8",
            "A multi-instance activity has neither or both of cardinality and collection.",
            "Give it one of them.",
        ),
        (
            "multi_instance_behavior",
            E,
            "10.3.8",
            "The behavior is unknown or incomplete.",
            "None, One, All or Complex.",
        ),
        ("behavior_event_missing", W, "10.3.8", "The behavior throws an event that is not named.", "Name it."),
    ),
    "Data": (
        ("assignment", E, "10.4.1", "An assignment lacks an expression or a variable.", "Give it from and to."),
        (
            "data_store_unknown",
            E,
            "10.4.1",
            "A data store is not in the configuration.",
            "Add it there, or name one that is.",
        ),
        ("data_sources", E, "10.4.1", "Several sources need a transformation.", "Add one, or keep one source."),
        ("io_in_sub_process", W, "10.4.1", "A sub-process declares inputs and outputs.", "Use data objects in it."),
        ("input_name_missing", E, "8.3.3", "An input has no name.", "Name it."),
        ("output_name_missing", E, "8.3.3", "An output has no name.", "Name it."),
    ),
    "Pools, lanes and message flows": (
        ("multiplicity", W, "9.3.1", "The multiplicity of a pool is no range.", "Let the maximum be the greater."),
        (
            "message_flow_end",
            E,
            "7.6.2",
            "A message flow has an end where none may be.",
            "Connect pools, events or activities.",
        ),
        (
            "message_flow_inside_pool",
            E,
            "9.4",
            "A message flow stays in one pool.",
            "Use a sequence flow or a message.",
        ),
        (
            "message_flow_event",
            W,
            "7.6.2",
            "A message flow meets an event that neither sends nor receives messages.",
            "Make it a message event.",
        ),
        ("lane_twice", W, "10.8", "An element stands in two lanes.", "Keep it in one of them."),
    ),
    "Texts and expressions": (
        ("language_unsupported", E, "8.4.6", "An expression or script is not in Python.", "Write it in Python."),
        ("expression_syntax", E, "8.4.6", "An expression cannot be read.", "Mend it."),
        ("script_missing", E, "10.3.3", "A script task has no script, or several.", "Write one."),
        ("script_mixed", E, "10.3.3", "A script holds elements.", "Write it as text alone, in CDATA."),
        ("script_syntax", E, "10.3.3", "A script cannot be read.", "Mend the line named."),
        ("script_unsupported", E, "Signalbox", "The sandbox does not run this part of Python.", "Write it otherwise."),
        ("script_too_large", E, "Signalbox", "A script has more than 64,000 characters.", "Split it."),
        ("script_too_deep", E, "Signalbox", "A script nests too deeply.", "Split it."),
        ("output_name", E, "8.3.3", "A declared output cannot be a variable.", "Choose a name that can."),
        ("bad_number", E, "15", "A number is missing or out of its range.", "Write one within it."),
    ),
    "Our extensions": (
        ("unknown_extension", W, "8.3.3", "An extension of ours does nothing here.", "Mend its name, or move it."),
        ("topic_missing", E, "8.3.3", "A service task has no topic.", "Name the topic that its workers fetch."),
        ("topic_too_long", E, "8.3.3", "A topic is longer than 255 characters.", "Shorten it."),
        ("header_name_missing", E, "8.3.3", "A header has no name.", "Name it."),
        ("correlation_name_missing", E, "8.3.3", "A correlation entry has no key.", "Name it."),
        ("payload_name_missing", E, "8.3.3", "A payload entry has no name.", "Name it."),
        ("in_name_missing", E, "8.3.3", "A mapping into a called process has no name.", "Name it."),
        ("out_name_missing", E, "8.3.3", "A mapping out of a called process has no name.", "Name it."),
        ("time_zone", E, "8.3.3", "The time zone is not known here.", "Name one such as Europe/Berlin."),
        ("too_many_keys", E, "Signalbox", "A message has more correlation keys than are taken.", "Join some into one."),
        ("time_to_live", E, "8.3.3", "How long a message lives cannot be read.", "Write an ISO 8601 duration."),
        ("initiator", E, "8.3.3", "The initiator cannot be a variable.", "Choose a name that can."),
        ("field_name", E, "8.3.3", "A form field has no name usable as variable.", "Choose one."),
        ("field_twice", E, "8.3.3", "Two form fields have the same name.", "Rename one."),
        ("field_type", E, "8.3.3", "The type of a form field is unknown.", "Choose one of those named."),
        ("field_options", E, "8.3.3", "A choice has no options.", "Add options."),
        ("field_default", E, "8.3.3", "A default is not of the field's type.", "Mend or delete it."),
    ),
}

RULES: dict[str, Rule] = {
    code: Rule(code, severity, clause, words, fix, subject)
    for subject, rows in _TABLE.items()
    for code, severity, clause, words, fix in rows
}


def severity_of(code: str) -> Severity:
    """Whether the finding blocks a deployment; what has no row yet does."""
    rule = RULES.get(code)
    return E if rule is None else rule.severity


def page() -> str:
    """docs/rules.md."""
    lines = [
        "# What a deployment check finds",
        "",
        "Written from the table in `bpmn/validation/rules.py`:",
        "`python -c 'from bpmn.validation.rules import page; print(page(), end=\"\")' > docs/rules.md`.",
        "",
        "Errors block a deployment, warnings do not. A clause is one of BPMN 2.0.2; 8.3.3 stands for our extensions",
        "of it, 15 for its XML schema, *Signalbox* for a rule of this implementation. Each finding names its code, the",
        "element's id and the line of the file.",
    ]
    for subject, rows in _TABLE.items():
        lines += [
            "",
            f"## {subject}",
            "",
            "| Code | Severity | Clause | What is wrong | What helps |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| `{code}` | {severity} | {clause} | {_cell(words)} | {_cell(fix)} |"
            for code, severity, clause, words, fix in rows
        ]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
