import * as z from 'zod/mini';
import { configurationSchema } from './schema';

/** The JSON Schema of the configuration file, for completion and hover texts in the editor. */
export function jsonSchema(): object {
  const schema = z.toJSONSchema(configurationSchema, { target: 'draft-7', io: 'input' });
  return { ...schema, title: 'Sauvegarde', allowComments: true, allowTrailingCommas: true };
}
