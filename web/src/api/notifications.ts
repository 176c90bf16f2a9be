import { toWire, type Money } from '../money/money';
import { call } from './http';
import type { Schemas } from './json';

// What happened to somebody, and what is mailed of it: the tag `notifications` of api/openapi.yaml.

export type Notification = Schemas['Notification'];
export type NotificationPage = Schemas['NotificationPage'];
export type NoticeSettings = Schemas['NoticeSettings'];
export type NoticeChange = {
  largePaymentFrom?: Money | null;
  moneyIn?: boolean;
  requests?: boolean;
  dailySummary?: boolean;
  timeZone?: string;
};

const kSettings = '/api/users/me/notices';

export const listNotifications = (cursor: string | null, limit: number, signal?: AbortSignal) =>
  call('NotificationPage', 'GET', '/api/notifications', { query: { cursor, limit }, signal });
export const markNotificationsRead = (upTo: string) =>
  call('UnreadNotifications', 'PUT', '/api/notifications/read', { body: { upTo } });
export const getNoticeSettings = () => call('NoticeSettings', 'GET', kSettings);
export const updateNoticeSettings = ({ largePaymentFrom, ...rest }: NoticeChange) =>
  call('NoticeSettings', 'PATCH', kSettings, {
    body: {
      ...rest,
      ...(largePaymentFrom === undefined
        ? {}
        : { largePaymentFrom: largePaymentFrom === null ? null : toWire(largePaymentFrom) }),
    },
  });
