/**
 * The colours are those of the editor's theme, or of the page itself where it is shown elsewhere. Only ASCII:
 * its digest stands in the policy of the page.
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ink: var(--vscode-foreground, #1f2328);
  --paper: var(--vscode-editor-background, #ffffff);
  --faint: var(--vscode-descriptionForeground, #59636e);
  --rule: var(--vscode-contrastBorder, var(--vscode-panel-border, #d1d9e0));
  --link: var(--vscode-textLink-foreground, #0969da);
  --green: var(--vscode-charts-green, #1a7f37);
  --yellow: var(--vscode-charts-yellow, #bf8700);
  --red: var(--vscode-charts-red, #cf222e);
  --blue: var(--vscode-charts-blue, #0969da);
  --orange: var(--vscode-editorWarning-foreground, #bc4c00);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: var(--vscode-foreground, #e6edf3);
    --paper: var(--vscode-editor-background, #0d1117);
    --faint: var(--vscode-descriptionForeground, #9198a1);
    --rule: var(--vscode-contrastBorder, var(--vscode-panel-border, #3d444d));
    --link: var(--vscode-textLink-foreground, #4493f8);
    --green: var(--vscode-charts-green, #3fb950);
    --yellow: var(--vscode-charts-yellow, #d29922);
    --red: var(--vscode-charts-red, #f85149);
    --blue: var(--vscode-charts-blue, #4493f8);
    --orange: var(--vscode-editorWarning-foreground, #db6d28);
  }
}
body {
  max-width: 60rem; margin: 0 auto; padding: 0 1.25rem 3rem; line-height: 1.45;
  color: var(--ink); background: var(--paper);
  font-family: var(--vscode-font-family, system-ui, sans-serif);
  font-size: var(--vscode-font-size, 0.875rem);
}
h1 { font-size: 1.5em; font-weight: 600; margin: 1.2rem 0 0; }
h2 { font-size: 1.15em; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
h3 { font-size: 1em; font-weight: 600; margin: 1.2rem 0 0.4rem; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--vscode-focusBorder, var(--link)); outline-offset: 1px; }
.when { color: var(--faint); margin: 0.2rem 0 0.8rem; }
.counts, .legend, nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; margin: 0 0 0.6rem; padding: 0; }
.legend { color: var(--faint); }
.legend svg { vertical-align: -1px; }
nav { margin: 0.8rem 0; }
nav h2 { font-size: 1em; margin-bottom: 0.3rem; }
section {
  display: grid; grid-template: auto 1fr / minmax(15rem, 1fr) auto; gap: 0.2rem 2rem;
  border-top: 1px solid var(--rule); padding: 0.9rem 0;
  content-visibility: auto; contain-intrinsic-size: auto 11rem;
}
.head { grid-column: 1; display: flex; flex-wrap: wrap; gap: 0 0.8rem; align-items: baseline; }
.head p { margin: 0; }
.reason { flex-basis: 100%; overflow-wrap: anywhere; }
.state { font-weight: 600; color: var(--ink); }
.state::before {
  content: ""; display: inline-block; box-sizing: border-box; width: 0.7em; height: 0.7em;
  margin-right: 0.4em; border: 2px solid currentColor; background: currentColor;
}
.state.good::before { color: var(--green); border-radius: 50%; }
.state.never::before { color: var(--faint); border-radius: 50%; background: none; }
.state.incomplete::before { color: var(--yellow); background: linear-gradient(135deg, currentColor 50%, transparent 50%); }
.state.overdue::before, .state.suspicious::before { color: var(--orange); background: none; }
.state.failed::before, .state.unreadable::before, .state.damaged::before { color: var(--red); transform: rotate(45deg); }
dl { grid-column: 1; display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0; align-content: start; }
dt { color: var(--faint); }
dd { margin: 0; font-variant-numeric: tabular-nums; }
.days { grid-column: 2; grid-row: 1 / span 2; }
section > details { grid-column: 1 / -1; }
details { margin: 0.3rem 0; }
details details { margin: 0.4rem 0; }
summary { cursor: pointer; color: var(--link); width: fit-content; }
svg { overflow: visible; }
svg text { fill: var(--faint); font-size: 10px; }
svg text.value { text-anchor: end; }
svg.chart { display: block; width: 100%; max-width: 44rem; height: auto; }
.good, .added { fill: var(--green); }
.incomplete { fill: var(--yellow); }
.failed { fill: none; stroke: var(--red); stroke-width: 2.5; }
.missed { fill: none; stroke: var(--orange); stroke-width: 1.5; stroke-dasharray: 2 1.5; }
.back { fill: var(--ink); fill-opacity: 0.1; }
.changed { fill: var(--blue); }
.removed { fill: var(--red); }
.touch { fill: var(--ink); fill-opacity: 0; }
a:hover .touch, a:focus-visible .touch { fill-opacity: 0.12; }
.calendar a:hover path, .calendar a:focus-visible path { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: none; }
.grid { stroke: var(--rule); stroke-width: 1; }
.line { fill: none; stroke: var(--blue); stroke-width: 2; }
.folders { display: flex; flex-wrap: wrap; gap: 0 3rem; align-items: start; }
table { border-collapse: collapse; margin: 0.4rem 0; }
caption { text-align: left; color: var(--faint); padding-bottom: 0.2rem; }
th { text-align: left; font-weight: normal; overflow-wrap: anywhere; }
thead th { color: var(--faint); white-space: nowrap; }
th, td { padding: 0.1rem 1.2rem 0.1rem 0; vertical-align: top; }
td { font-variant-numeric: tabular-nums; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 34rem) {
  section { grid-template: none / 1fr; }
  .days { grid-column: 1; grid-row: auto; }
}
@media (forced-colors: active) {
  .good, .added, .incomplete { fill: CanvasText; }
  .changed { fill: LinkText; }
  .removed { fill: GrayText; }
  .failed, .missed, .line { stroke: CanvasText; }
  .back { fill: GrayText; }
  .state::before { forced-color-adjust: none; color: CanvasText; }
}
@media print {
  section { break-inside: avoid; content-visibility: visible; }
}
`;
