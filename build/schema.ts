/** Writes the JSON Schema of the configuration file for the editor: media/sauvegarde.schema.json. */
import { writeFileSync } from 'node:fs';
import { jsonSchema } from '../src/model/configuration/jsonSchema';

writeFileSync('media/sauvegarde.schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`);
