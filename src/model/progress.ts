/** How far a run is. Whoever shows it looks now and then; the run counts. */
export class RunProgress {
  phase: 'connecting' | 'running' | 'publishing' = 'connecting';
  /** Whether the scan has ended, so that the numbers of wanted files and bytes are final. */
  scanned = false;
  /** Entries met so far, folders included. */
  entries = 0;
  /** Files to fetch, as far as known. */
  wantedFiles = 0;
  wantedBytes = 0;
  fetchedFiles = 0;
  /** Bytes of content that have arrived. */
  fetchedBytes = 0;
  /** Files that were unchanged. */
  linkedFiles = 0;
  /** Files that an interrupted run had fetched. */
  keptFiles = 0;
  skipped = 0;
}
