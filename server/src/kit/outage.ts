/** What the server stands on does not answer or is not there. The caller may try again what is idempotent. */
export class Outage extends Error {}
