import fs from 'node:fs';
import path from 'node:path';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { EditorServer } from './editorServer';

const patience = 60_000;

/** Where screenshots are kept: `.cache/editor-artefacts/VERSION/NAME.png`. */
export const artefacts = path.resolve('.cache/editor-artefacts');

/** For the page: notes whether the next key that is pressed is pressed in an open menu. */
const noteNextKey = `void (globalThis.nextKeyReachesMenu = new Promise((resolve) => addEventListener(
  'keydown',
  (event) => resolve(event.composedPath().some((node) => node.matches?.('.monaco-menu'))),
  { capture: true, once: true },
)))`;

/** What a window opens: a folder, several of them by a workspace file, or nothing. */
function queryFor(place: string): string {
  if (place === '') return '?ew=true';
  const kind = place.endsWith('.code-workspace') ? 'workspace' : 'folder';
  return `?${kind}=${encodeURI(place)}`;
}

/** One window of the editor, and the gestures of a person in it. */
export class Workbench {
  readonly page: Page;
  readonly #shots: string;

  constructor(page: Page, shots: string) {
    this.page = page;
    this.#shots = shots;
    page.setDefaultTimeout(patience);
  }

  static async open(
    profile: BrowserContext,
    server: EditorServer,
    folder: string,
    shots: string,
  ): Promise<Workbench> {
    const page = await profile.newPage();
    const workbench = new Workbench(page, path.join(artefacts, shots));
    await page.goto(`${server.url}/${queryFor(folder)}`);
    await workbench.ready();
    return workbench;
  }

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 60_000 });
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** A picture of the window, kept for people to look at. */
  async shot(name: string): Promise<void> {
    fs.mkdirSync(this.#shots, { recursive: true });
    await this.page.screenshot({ path: path.join(this.#shots, `${name}.png`) });
  }

  /** Runs a command by its title from the palette. */
  async command(title: string): Promise<void> {
    const option = this.page.locator('.quick-input-list [role="option"]').first();
    const input = this.page.locator('.quick-input-widget input.input');
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.page.keyboard.press('F1');
        await input.fill(`>${title}`, { timeout: 3000 });
        await option.filter({ hasText: title }).waitFor({ timeout: 3000 });
        break;
      } catch (error) {
        // An editor that is just opening takes the focus and closes the palette, and the palette
        // offers only what was possible when it was opened.
        if (attempt === 10) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
    await this.page.keyboard.press('Enter');
  }

  /** Runs a command, and waits for its question. */
  async commandThatAsks(title: string, words: string): Promise<void> {
    const asking = this.page.locator('.quick-input-widget').filter({ hasText: words });
    for (let attempt = 1; ; attempt += 1) {
      await this.command(title);
      try {
        await asking.waitFor({ timeout: 5000 });
        return;
      } catch (error) {
        // The palette, when it closes, may give the focus back so late that the question closes too.
        if (attempt === 10) throw error;
      }
    }
  }

  /** The titles that the palette offers for a word. */
  async commandsFor(word: string): Promise<string[]> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input.input');
    await input.fill(`>${word}`);
    const options = this.page.locator('.quick-input-list [role="option"]');
    await options.first().waitFor();
    const titles = await options.allInnerTexts();
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /** The box that asks for a text or a choice; waits until its title, text or placeholder has the words. */
  async question(words: string | RegExp): Promise<Locator> {
    const widget = this.page.locator('.quick-input-widget');
    const asking = widget
      .filter({ hasText: words })
      .or(widget.filter({ has: this.page.getByPlaceholder(words) }));
    await asking.first().waitFor();
    return asking.first();
  }

  /** Answers a question with a text. */
  async write(question: string | RegExp, text: string): Promise<void> {
    const widget = await this.question(question);
    const input = widget.locator('input.input');
    await input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Answers a question with one of its choices. */
  async pick(question: string | RegExp, choice: string): Promise<void> {
    const widget = await this.question(question);
    await widget.locator('[role="option"]').filter({ hasText: choice }).first().click();
  }

  /** The button in the title of a question that goes back to the one before. */
  async back(): Promise<void> {
    await this.page.locator('.quick-input-widget .quick-input-titlebar a.codicon').first().click();
  }

  /** Answers a question that blocks the window. */
  async answer(words: string | RegExp, button: string): Promise<string> {
    const dialog = this.page.locator('.monaco-dialog-box').filter({ hasText: words });
    await dialog.waitFor();
    const text = await dialog.innerText();
    await this.#pace();
    await dialog.getByRole('button', { name: button, exact: true }).click();
    return text;
  }

  /** Opens our container in the activity bar. */
  async openBackupViews(title = 'Backup'): Promise<void> {
    // A badge adds its own words to the name.
    const tab = this.page
      .locator('.activitybar')
      .getByRole('tab', { name: new RegExp(`^${title}`) });
    const ours = this.page.locator('.part.sidebar .composite.title').filter({ hasText: title });
    const header = this.page.locator('.part.sidebar .pane-header').first();
    await tab.waitFor();
    for (let attempt = 1; ; attempt += 1) {
      // A click on the tab of what is open closes it.
      if (!(await ours.isVisible())) await tab.click();
      try {
        await ours.waitFor({ timeout: 3000 });
        await header.waitFor({ timeout: 3000 });
        return;
      } catch (error) {
        // A window that is still restoring its parts may close what was clicked open.
        if (attempt === 10) throw error;
      }
    }
  }

  /** Drags its edge until the view is so wide: people have it narrow beside their code. */
  async narrowSideBar(width: number): Promise<void> {
    const bar = await this.page.locator('.part.sidebar').boundingBox();
    if (!bar) throw new Error('There is no side bar.');
    await this.page.mouse.move(bar.x + bar.width, 300);
    await this.page.mouse.down();
    await this.page.mouse.move(bar.x + width, 300, { steps: 5 });
    await this.page.mouse.up();
  }

  /** A row of a tree by what a screen reader says of it. */
  row(name: string | RegExp, view?: string): Locator {
    const sidebar = this.page.locator('.part.sidebar');
    const pane = view === undefined ? sidebar : sidebar.locator('.pane').filter({ hasText: view });
    return pane.getByRole('treeitem', { name }).first();
  }

  async expand(row: Locator): Promise<void> {
    await this.#turn(row, 'true');
  }

  async collapse(row: Locator): Promise<void> {
    await this.#turn(row, 'false');
  }

  async #turn(row: Locator, expanded: 'true' | 'false'): Promise<void> {
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === expanded) return;
    await row.locator('.monaco-tl-twistie').click();
    await row.and(this.page.locator(`[aria-expanded="${expanded}"]`)).waitFor();
  }

  async contextMenu(row: Locator, item: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      if (await this.pressEntry(await this.openMenu(row, item))) return;
      // The tree was drawn anew, and its menu closed, just before the key was pressed.
      if (attempt === 10) throw new Error(`${item} was never pressed`);
    }
  }

  /** An entry of a menu by its title. */
  entry(title: string): Locator {
    return this.page.getByRole('menuitem', { name: title, exact: true });
  }

  /** Presses an entry of an open menu. Resolves with whether the menu was still there. */
  async pressEntry(entry: Locator): Promise<boolean> {
    await this.#choose(entry);
    // Listened for before it is pressed: two requests in one go may overtake each other.
    await this.page.evaluate(noteNextKey);
    await this.page.keyboard.press('Enter');
    await entry.waitFor({ state: 'detached' });
    return await this.page.evaluate<boolean>('globalThis.nextKeyReachesMenu');
  }

  /** Opens the menu of a row, with an item of it chosen but not pressed. */
  async openMenu(row: Locator, item: string): Promise<Locator> {
    const entry = this.entry(item);
    for (let attempt = 1; ; attempt += 1) {
      await row.click({ button: 'right' });
      try {
        await this.#choose(entry);
        // What a command needs may be known a moment after the rows are drawn.
        if (await entry.isEnabled()) return entry;
        await this.page.waitForTimeout(500);
        throw new Error(`${item} is greyed out`);
      } catch (error) {
        // A tree that is drawn anew closes the menu over its row.
        if (attempt === 10) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Has the mouse over an entry, until the menu has noticed: while it is still appearing, it does not. */
  async #choose(entry: Locator): Promise<void> {
    const chosen = this.page.locator('.monaco-menu .action-item.focused').filter({ has: entry });
    for (let attempt = 1; ; attempt += 1) {
      await entry.hover({ timeout: 3000, position: { x: 4 + attempt, y: 8 } });
      try {
        await chosen.waitFor({ timeout: 1000 });
        return;
      } catch (error) {
        // One that is greyed out is never chosen.
        if (await entry.isDisabled()) return;
        if (attempt === 10) throw error;
      }
    }
  }

  checkBox(row: Locator): Locator {
    return row.locator('.custom-view-tree-node-item-checkbox');
  }

  statusBarItem(): Locator {
    return this.page.locator('.statusbar-item[id="sauvegarde.sauvegarde.backup"]');
  }

  notification(words: string | RegExp): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: words }).first();
  }

  async press(notification: string | RegExp, button: string): Promise<void> {
    const toast = this.notification(notification);
    await toast.waitFor();
    await this.#pace();
    await toast.getByRole('button', { name: button, exact: true }).click();
  }

  async dismiss(notification: string | RegExp): Promise<void> {
    const toast = this.notification(notification);
    await this.#pace();
    await toast.hover();
    await toast.locator('.codicon-notifications-clear').click();
    await toast.waitFor({ state: 'detached' });
  }

  async clearNotifications(): Promise<void> {
    const toast = this.page.locator('.notification-toast').first();
    for (let attempt = 1; ; attempt += 1) {
      await this.command('Notifications: Clear All Notifications');
      try {
        await toast.waitFor({ state: 'detached', timeout: 10_000 });
        break;
      } catch (error) {
        // A run that was under way may have told of its end after the command.
        if (attempt === 6) throw error;
      }
    }
    await this.#pace();
  }

  /** The editor shows only three notifications in 800 ms, as a person takes longer: a fourth stays in its list. */
  async #pace(): Promise<void> {
    await this.page.waitForTimeout(900);
  }

  async statusText(): Promise<string> {
    return (await this.statusBarItem().innerText()).trim();
  }

  /** Clicks a row until the editor shows what it stands for: one that is drawn anew misses the click. */
  openRow(row: Locator, words: string | RegExp): Promise<string> {
    return this.#untilShown(() => row.click(), words);
  }

  /** Opens the row that has the focus, by the keyboard: after a menu, the tree gets that back late. */
  openFocused(words: string | RegExp): Promise<string> {
    return this.#untilShown(() => this.page.keyboard.press('Enter'), words);
  }

  async #untilShown(gesture: () => Promise<void>, words: string | RegExp): Promise<string> {
    const lines = this.page.locator('.editor-instance .view-lines').filter({ hasText: words });
    for (let attempt = 1; ; attempt += 1) {
      await gesture();
      try {
        await lines.first().waitFor({ timeout: 10_000 });
        return await this.editorText(words);
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  }

  /** The text of the editor that is shown. */
  async editorText(words: string | RegExp): Promise<string> {
    const lines = this.page.locator('.editor-instance .view-lines').filter({ hasText: words });
    await lines.first().waitFor();
    return (await lines.first().innerText()).replaceAll('\u00a0', ' ');
  }

  /** Rests the mouse on something until its tooltip says the words. */
  async tooltip(on: Locator, words: string): Promise<void> {
    const said = this.page.locator('.workbench-hover').filter({ hasText: words });
    for (let attempt = 1; ; attempt += 1) {
      await on.hover();
      try {
        await said.waitFor({ timeout: 10_000 });
        return;
      } catch (error) {
        // A tooltip of what the mouse has just left may stand in the way, and stays until the mouse moves.
        if (attempt === 6) throw error;
        await this.page.mouse.move(700, 300);
      }
    }
  }

  async closeEditors(): Promise<void> {
    await this.command('View: Close All Editors');
  }
}
