// The colours bpmn-js draws shapes with: our tokens, so that one drawing fits light and dark. A colour that somebody
// gave a shape in the drawing wins over them.

export const rendererColours = {
  defaultFillColor: "var(--diagram-fill)",
  defaultStrokeColor: "var(--diagram-stroke)",
  defaultLabelColor: "var(--diagram-label)",
};
