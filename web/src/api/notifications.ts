import { toWire, type Money } from '../money/money';
import { call, command } from './http';
import type { Schemas } from './json';

// What happened to somebody, and what is mailed and pushed of it: the tag `notifications` of api/openapi.yaml.

export type Notification = Schemas['Notification'];
export type NotificationPage = Schemas['NotificationPage'];
export type NoticeSettings = Schemas['NoticeSettings'];
export type PushDevice = Schemas['PushSubscriptionInfo'];
export type PushDevices = Schemas['PushSubscriptionList'];
export type NoticeChange = {
  largePaymentFrom?: Money | null;
  moneyIn?: boolean;
  requests?: boolean;
  dailySummary?: boolean;
  timeZone?: string;
  pushMoney?: boolean;
  pushRequests?: boolean;
  pushPlanned?: boolean;
  pushAmounts?: boolean;
};

const kSettings = '/api/users/me/notices';
const kPush = '/api/users/me/push-subscriptions';

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
export const listPushDevices = () => call('PushSubscriptionList', 'GET', kPush);
export const registerPushDevice = (body: PushSubscriptionJSON & { applicationServerKey: string }) =>
  call('PushSubscriptionInfo', 'POST', kPush, { body });
export const removePushDevice = (id: string) =>
  command('DELETE', `${kPush}/${encodeURIComponent(id)}`);
