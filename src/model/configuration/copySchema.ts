import * as z from 'zod/mini';
import { rereadPeriods } from '../reread';
import { bandwidthForm } from './bandwidth';
import { keepSchema } from './keepSchema';
import { faultOfRepository } from './repositoryAddress';
import { described, oneOf, text } from './schemaRules';

/* The part of the configuration file about off-site copies. */

const anyName = 'a name of letters, digits, ".", "_" and "-", at most 64 long';
const anyRate = 'a rate such as "2MB/s", or a timetable such as "08:00 2MB/s, 20:00 off"';
const anyRepository =
  'a repository as restic names it, without a password in it: "sftp:backup@nas:/srv/restic", "rest:https://…", "s3:https://…", "b2:…", "azure:…", "gs:…", "swift:…", "rclone:REMOTE:PATH" with a remote that is configured there, or a folder';

const copySchema = z.strictObject(
  {
    name: described(
      z.string({ error: anyName }).check(
        // It names files.
        z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}[A-Za-z0-9_-]?$/, { error: anyName }),
      ),
      'What the copy is called: in commands, reports, and the variable SAUVEGARDE_COPY_PASSWORD_<NAME>.',
    ),
    restic: described(
      text(anyRepository).check(
        z.refine((address) => faultOfRepository(address) === undefined, { error: anyRepository }),
      ),
      'The repository, as restic names it. Its password is a secret and does not stand here.',
    ),
    after: z.optional(
      described(
        oneOf(['complete', 'daily', 'never']),
        'When it is made by itself: after each complete run (default), with the first one of a day, or only by `sauvegarde copy`.',
      ),
    ),
    keep: z.optional(
      described(keepSchema, 'Which copies stay in the repository. Without it all do.'),
    ),
    bandwidth: z.optional(
      described(
        z.string({ error: anyRate }).check(z.regex(bandwidthForm, { error: anyRate })),
        'The most to send: "2MB/s", or by the time of day, as it is when a copy begins.',
      ),
    ),
    rehearse: z.optional(
      described(
        oneOf(rereadPeriods),
        'How often a random part of a random copy is brought back and compared with its manifest.',
      ),
    ),
  },
  { error: 'an object with "name" and "restic"' },
);

export const copiesSchema = z.array(copySchema, {
  error: 'a list of copies such as [{ "name": "nas", "restic": "sftp:backup@nas:/srv/restic" }]',
});

export type RawCopy = z.infer<typeof copySchema>;
