import {
  l10n,
  QuickInputButtons,
  window,
  type Disposable,
  type QuickInput,
  type QuickPickItem,
} from 'vscode';

/** What a step came to: an answer, a wish to go back, or the end of it all. */
export type Answer<T> = { readonly value: T } | 'back' | 'closed';

export interface StepPlace {
  readonly title: string;
  readonly step: number;
  readonly steps: number;
}

export interface ChoiceItem<T> extends QuickPickItem {
  readonly value: T;
}

/** One question of a sequence with a list of answers. */
export function choose<T>(
  place: StepPlace,
  placeholder: string,
  items: readonly ChoiceItem<T>[],
  current?: T,
): Promise<Answer<T>> {
  const pick = window.createQuickPick<ChoiceItem<T>>();
  pick.placeholder = placeholder;
  pick.items = items;
  const active = items.find(({ value }) => value === current);
  if (active) pick.activeItems = [active];
  return shown<T>(pick, place, (accept) =>
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      if (item) accept({ value: item.value });
    }),
  );
}

export interface TextQuestion {
  readonly prompt: string;
  readonly value?: string;
  readonly placeholder?: string;
  readonly password?: boolean;
  /** What is wrong with the text, or undefined. */
  readonly fault?: (text: string) => string | undefined;
}

/** One question of a sequence with a text for an answer. */
export function write(place: StepPlace, question: TextQuestion): Promise<Answer<string>> {
  const box = window.createInputBox();
  const faultOf = question.fault ?? ((): undefined => undefined);
  box.prompt = question.prompt;
  box.value = question.value ?? '';
  box.placeholder = question.placeholder ?? '';
  box.password = question.password ?? false;
  const changed = box.onDidChangeValue(() => (box.validationMessage = ''));
  return shown<string>(box, place, (accept) =>
    box.onDidAccept(() => {
      const problem = faultOf(box.value.trim());
      box.validationMessage = problem ?? '';
      if (problem === undefined)
        accept({ value: question.password ? box.value : box.value.trim() });
    }),
  ).finally(() => {
    changed.dispose();
  });
}

/** Shows a question of any kind, and takes it away with its answer. */
export async function shown<T>(
  input: QuickInput & {
    buttons: readonly unknown[];
    onDidTriggerButton: (listener: (button: unknown) => void) => Disposable;
  },
  place: StepPlace,
  onAccept: (accept: (answer: Answer<T>) => void) => Disposable,
): Promise<Answer<T>> {
  input.title = place.title;
  input.step = place.step;
  input.totalSteps = place.steps;
  input.ignoreFocusOut = true;
  if (place.step > 1) input.buttons = [QuickInputButtons.Back];
  const subscriptions: Disposable[] = [];
  try {
    return await new Promise<Answer<T>>((resolve) => {
      subscriptions.push(
        onAccept(resolve),
        input.onDidTriggerButton((button) => {
          if (button === QuickInputButtons.Back) resolve('back');
        }),
        input.onDidHide(() => resolve('closed')),
      );
      input.show();
    });
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
    input.dispose();
  }
}

/** A step asks one thing, and says how the draft looks with the answer. */
export interface Step<D> {
  /** Whether it has to be asked, as the draft looks. */
  readonly applies: (draft: D) => boolean;
  readonly ask: (draft: D, place: StepPlace) => Promise<Answer<D>>;
}

/** Asks step by step, with Back. Undefined if the person closed a question. */
export async function askInTurn<D>(
  title: string,
  steps: readonly Step<D>[],
  draft: D,
): Promise<D | undefined> {
  const drafts: D[] = [draft];
  /** The steps that did ask, so that Back leaps over the others. */
  const asked: number[] = [];
  let index = 0;
  while (index < steps.length) {
    const current = drafts.at(-1) ?? draft;
    const [step, ...behind] = steps.slice(index);
    if (!step?.applies(current)) {
      index += 1;
      continue;
    }
    const left = behind.filter(({ applies }) => applies(current)).length;
    const place = { title, step: asked.length + 1, steps: asked.length + 1 + left };
    const answer = await step.ask(current, place);
    if (answer === 'closed') return undefined;
    if (answer === 'back') {
      index = asked.pop() ?? 0;
      drafts.pop();
    } else {
      asked.push(index);
      drafts.push(answer.value);
      index += 1;
    }
  }
  return drafts.at(-1);
}

export function mapped<T, U>(answer: Answer<T>, change: (value: T) => U): Answer<U> {
  return answer === 'back' || answer === 'closed' ? answer : { value: change(answer.value) };
}

export function required(text: string): string | undefined {
  return text === '' ? l10n.t('Something has to stand here.') : undefined;
}
