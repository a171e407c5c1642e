// Diagrams to begin with.

import { t } from "../words";

const xmlns =
  'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" ' +
  'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" ' +
  'xmlns:signalbox="urn:signalbox:schema:1.0"';

function key(): string {
  const letters = crypto.getRandomValues(new Uint8Array(7));
  return `Process_${[...letters].map((byte) => "0123456789abcdefghijklmnopqrstuvwxyz"[byte % 36]).join("")}`;
}

function escaped(words: string): string {
  return words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}

function file(process: string, name: string, content: string, shapes: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions ${xmlns} id="Definitions_1" targetNamespace="urn:signalbox:diagrams">
  <bpmn:process id="${process}" name="${escaped(name)}" isExecutable="true">
${content}
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_1">
    <bpmndi:BPMNPlane id="Plane_1" bpmnElement="${process}">
${shapes}
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
`;
}

function shape(id: string, x: number, y: number, width: number, height: number, label = "", extra = ""): string {
  return `      <bpmndi:BPMNShape id="${id}_di" bpmnElement="${id}"${extra}><dc:Bounds x="${x}" y="${y}" width="${width}" height="${height}" />${label}</bpmndi:BPMNShape>`;
}

function edge(id: string, points: [number, number][], label = ""): string {
  const waypoints = points.map(([x, y]) => `<di:waypoint x="${x}" y="${y}" />`).join("");
  return `      <bpmndi:BPMNEdge id="${id}_di" bpmnElement="${id}">${waypoints}${label}</bpmndi:BPMNEdge>`;
}

function label(x: number, y: number, width: number, height = 14): string {
  return `<bpmndi:BPMNLabel><dc:Bounds x="${x}" y="${y}" width="${width}" height="${height}" /></bpmndi:BPMNLabel>`;
}

/** A start event and nothing else. */
export function blank(name: string): string {
  const content = '    <bpmn:startEvent id="start" />';
  return file(key(), name, content, shape("start", 180, 160, 36, 36));
}

/** Somebody decides; one way for yes, one for no. Deployable as it stands. */
export function approval(name: string): string {
  const say = (words: Parameters<typeof t>[0]) => escaped(t(words));
  const content = `    <bpmn:startEvent id="start" name="${say("model.template.asked")}" signalbox:initiator="requested_by">
      <bpmn:extensionElements>
        <signalbox:form>
          <signalbox:field name="subject" label="${say("model.template.subject")}" type="string" required="true" />
        </signalbox:form>
      </bpmn:extensionElements>
      <bpmn:outgoing>to_decide</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="decide" name="${say("model.template.decide")}" signalbox:candidateGroups="approvers">
      <bpmn:extensionElements>
        <signalbox:form>
          <signalbox:field name="subject" label="${say("model.template.subject")}" type="string" readOnly="true" />
          <signalbox:field name="approved" label="${say("model.template.approved")}" type="boolean" required="true" />
          <signalbox:field name="comment" label="${say("model.template.comment")}" type="text" />
        </signalbox:form>
      </bpmn:extensionElements>
      <bpmn:incoming>to_decide</bpmn:incoming>
      <bpmn:outgoing>to_decision</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:exclusiveGateway id="decision" name="${say("model.template.decision")}" default="no">
      <bpmn:incoming>to_decision</bpmn:incoming>
      <bpmn:outgoing>yes</bpmn:outgoing>
      <bpmn:outgoing>no</bpmn:outgoing>
    </bpmn:exclusiveGateway>
    <bpmn:endEvent id="done" name="${say("model.template.done")}"><bpmn:incoming>yes</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="refused" name="${say("model.template.refused")}"><bpmn:incoming>no</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="to_decide" sourceRef="start" targetRef="decide" />
    <bpmn:sequenceFlow id="to_decision" sourceRef="decide" targetRef="decision" />
    <bpmn:sequenceFlow id="yes" name="${say("model.template.yes")}" sourceRef="decision" targetRef="done">
      <bpmn:conditionExpression>approved</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="no" name="${say("model.template.no")}" sourceRef="decision" targetRef="refused" />`;
  const shapes = [
    shape("start", 160, 182, 36, 36, label(138, 225, 80)),
    shape("decide", 260, 160, 100, 80),
    shape("decision", 425, 175, 50, 50, label(418, 151, 64), ' isMarkerVisible="true"'),
    shape("done", 562, 182, 36, 36, label(545, 225, 70)),
    shape("refused", 562, 292, 36, 36, label(540, 335, 80)),
    edge("to_decide", [[196, 200], [260, 200]]),
    edge("to_decision", [[360, 200], [425, 200]]),
    edge("yes", [[475, 200], [562, 200]], label(508, 182, 22)),
    edge("no", [[450, 225], [450, 310], [562, 310]], label(456, 265, 28)),
  ];
  return file(key(), name, content, shapes.join("\n"));
}
