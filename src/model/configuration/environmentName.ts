/** `web-prod` → `WEB_PROD`, as environment variables are named. */
export function environmentName(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}
