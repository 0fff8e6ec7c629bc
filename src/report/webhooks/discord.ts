import { fitted, type Announcement } from './announcement';

const red = 0xd1242f;
const green = 0x1a7f37;

/** What is counted of an embed, in characters: title, description, names and values of fields. */
const mostCharacters = 6000;
const longestDescription = 4096;

interface Embed {
  readonly title: string;
  readonly description: string;
  readonly color: number;
  readonly fields: readonly { readonly name: string; readonly value: string; inline: boolean }[];
}

/**
 * A message of Discord (discord.com/developers, Execute Webhook and Embed Limits): 256 characters in a title,
 * 4096 in the description, 256 and 1024 in a field. Nobody is mentioned, whatever the texts say.
 */
export function discordMessage(announcement: Announcement): object {
  const embed = fitted(announcement, embedOf, sizeOf, mostCharacters);
  return { embeds: [embed], allowed_mentions: { parse: [] } };
}

function embedOf({ subject, isFailure, verdict, rows, lines }: Announcement): Embed {
  return {
    title: subject.slice(0, 256),
    description: [verdict, ...lines].map(escaped).join('\n'),
    color: isFailure ? red : green,
    fields: rows.map(({ name, value }) => ({
      name: name === '' ? '–' : name,
      value: value === '' ? '–' : escaped(value),
      inline: true,
    })),
  };
}

/** A description that is too long counts as too much, too. */
function sizeOf({ title, description, fields }: Embed): number {
  if (description.length > longestDescription) return Infinity;
  return fields.reduce(
    (size, { name, value }) => size + name.length + value.length,
    title.length + description.length,
  );
}

/** What could be markup, a mention or the beginning of a link is itself. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_~|<>[\]()#@:+.!-]/g, String.raw`\$&`);
}
