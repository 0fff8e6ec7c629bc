import type { MailAddress } from '../model/configuration/mailAddress';
import type { MailSetting } from '../model/configuration/reporting';
import type { News } from './news';
import { outlineHtml } from './outlineHtml';
import { outlineText } from './outlineText';

/** A mail as it is handed to the sender. */
export interface Mail {
  readonly from: MailAddress;
  readonly to: readonly MailAddress[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly attachment?: { readonly name: string; readonly content: Buffer };
}

export function mailOf(news: News, { from, to }: MailSetting): Mail {
  const { subject, outline, attachment } = news;
  const bodies = { text: outlineText(outline), html: outlineHtml(outline) };
  return { from, to, subject, ...bodies, ...(attachment && { attachment }) };
}
