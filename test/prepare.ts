/** Prepares the machine and the editors for `npm test`, whose two test runs then begin at the same time. */
import { setup as prepareEditors } from './editor/prepareEditors';
import { setup as prepareMachine } from './prepareMachine';

prepareMachine();
prepareEditors();
