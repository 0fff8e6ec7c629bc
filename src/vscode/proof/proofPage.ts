import { randomBytes } from 'node:crypto';
import { env, l10n, ViewColumn, window, type Disposable, type WebviewPanel } from 'vscode';
import { outlineBody, escapedHtml } from '../../report/outlineHtml';
import { damagedIn, proofOutline, type Proof } from '../../report/proofOutline';
import { command } from '../commandIds';
import { dateText } from '../words';

/**
 * The document of the last verification of a server, with what helps beside what is damaged. It runs no
 * script and loads nothing; its only links are those to *Repair…*.
 */
export class ProofPage implements Disposable {
  readonly #panels = new Map<string, WebviewPanel>();

  /** Opens it, or shows in an open one what is known now. */
  show(proof: Proof): void {
    const panel = this.#panels.get(proof.server) ?? this.#open(proof.server);
    fill(panel, proof);
    panel.reveal(undefined, false);
  }

  /** An open one must not offer to mend what is mended. */
  update(proof: Proof): void {
    const panel = this.#panels.get(proof.server);
    if (panel) fill(panel, proof);
  }

  dispose(): void {
    for (const panel of [...this.#panels.values()]) panel.dispose();
  }

  #open(server: string): WebviewPanel {
    const panel = window.createWebviewPanel('sauvegarde.proof', server, ViewColumn.Active, {
      enableCommandUris: [command.repair],
      localResourceRoots: [],
    });
    panel.onDidDispose(() => this.#panels.delete(server));
    this.#panels.set(server, panel);
    return panel;
  }
}

const style = `
body { max-width: 60rem; margin: 0 auto; padding: 0 2rem 2rem; line-height: 1.5; }
table { border-collapse: collapse; }
th { font-weight: normal; color: var(--vscode-descriptionForeground); text-align: left; padding-left: 0; }
td { font-variant-numeric: tabular-nums; }
code { color: var(--vscode-textPreformat-foreground); }
h2 { margin-top: 2rem; }
a.button {
  display: inline-block; padding: 0.2rem 0.8rem; text-decoration: none;
  color: var(--vscode-button-foreground); background: var(--vscode-button-background);
  border: 1px solid var(--vscode-button-border, transparent);
}
a.button:hover { background: var(--vscode-button-hoverBackground); }
a.button:focus { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
`;

function fill(panel: WebviewPanel, proof: Proof): void {
  panel.title = proofOutline(proof, dateText, l10n).title;
  panel.webview.html = pageOf(proof);
}

function pageOf(proof: Proof): string {
  const outline = proofOutline(proof, dateText, l10n);
  const nonce = randomBytes(16).toString('hex');
  const damaged = damagedIn(proof);
  const body = outlineBody(outline, (section) => {
    const snapshot = section && damaged[outline.sections.indexOf(section)];
    return snapshot?.status === 'damaged' ? repairLink(proof.server, snapshot.snapshot) : '';
  });
  return [
    '<!doctype html>',
    `<html lang="${escapedHtml(env.language)}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">`,
    `<title>${escapedHtml(outline.title)}</title><style nonce="${nonce}">${style}</style></head><body>`,
    ...body,
    '</body></html>',
  ].join('\n');
}

function repairLink(server: string, snapshot: string): string {
  const target = encodeURIComponent(JSON.stringify([{ server, snapshot }]));
  const title = escapedHtml(l10n.t('Repair…'));
  const label = escapedHtml(l10n.t('Repair the snapshot of {0}', dateText(snapshot)));
  return `<p><a class="button" href="command:${command.repair}?${target}" aria-label="${label}">${title}</a></p>`;
}
