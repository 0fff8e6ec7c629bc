// Takes the pictures of the README from those that the last run of the editor tests made.
import { copyFileSync, mkdirSync } from 'node:fs';

const pictures = {
  '06 included': 'servers',
  '09 compared with previous': 'compare',
  '12 report': 'report',
  '92 the plan': 'restore',
  '91 overview unfolded': 'overview',
};

mkdirSync('media/screenshots', { recursive: true });
for (const [made, name] of Object.entries(pictures)) {
  copyFileSync(`.cache/editor-artefacts/4.100.3/${made}.png`, `media/screenshots/${name}.png`);
}
