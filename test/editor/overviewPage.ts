import type { FrameLocator } from 'playwright-core';
import type { Workbench } from './workbench';

/** The page of the overview in a window. */
export const overview = (bench: Workbench): FrameLocator =>
  bench.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
