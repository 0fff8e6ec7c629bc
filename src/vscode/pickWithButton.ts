import { window, type QuickInputButton, type QuickPickItem } from 'vscode';

/** A choice, and whether it was made by the button at its row. */
export interface Picked<T> {
  readonly item: T;
  readonly byButton: boolean;
}

/** A list to pick from, with one button at each row for something else to do with it. Undefined: closed. */
export async function pickWithButton<T extends QuickPickItem>(
  items: readonly T[],
  { title, placeholder, button }: { title: string; placeholder: string; button: QuickInputButton },
): Promise<Picked<T> | undefined> {
  const pick = window.createQuickPick<T>();
  pick.items = items.map((item) => ({ ...item, buttons: [button] }));
  pick.title = title;
  pick.placeholder = placeholder;
  try {
    return await new Promise<Picked<T> | undefined>((resolve) => {
      pick.onDidAccept(() => {
        const [item] = pick.selectedItems;
        if (item) resolve({ item, byButton: false });
      });
      pick.onDidTriggerItemButton(({ item }) => resolve({ item, byButton: true }));
      pick.onDidHide(() => resolve(undefined));
      pick.show();
    });
  } finally {
    pick.dispose();
  }
}
