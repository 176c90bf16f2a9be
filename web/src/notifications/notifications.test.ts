import { expect, test } from 'vitest';
import type { Notification } from '../api/notifications';
import en from '../i18n/en.notifications.json';
import { setCurrency } from '../money/currency';
import { badgeOf, bellName } from './badge';
import { beside, isOfSafety, placeOf, sentenceOf } from './kinds';
import type { Translate } from '../i18n';

setCurrency({ code: 'EGP', name: 'Egyptian Pound', digits: 2, maximum: 9_000_000_000_000_000n });

const none: Notification = {
  id: '1.0.0',
  kind: 'money_received',
  happenedAt: '2026-11-27T09:15:04.120000Z',
  unread: true,
  amount: null,
  currency: 'EGP',
  person: null,
  note: null,
  details: null,
  transactionId: null,
  requestId: null,
  holdId: null,
  scheduleId: null,
  mandateId: null,
};
const of = (fields: Partial<Record<keyof Notification, unknown>>) =>
  ({ ...none, ...fields }) as Notification;
const t = ((key: string, values?: Record<string, unknown>) =>
  [key, ...Object.values(values ?? {})].join(' ')) as unknown as Translate;

test('each leads to what it is about', () => {
  expect(placeOf(of({ transactionId: 'a' }))).toBe('/activity/a');
  // Money of a request is told as money.
  expect(placeOf(of({ transactionId: 'a', requestId: 'b' }))).toBe('/activity/a');
  expect(placeOf(of({ kind: 'request_declined', requestId: 'b' }))).toBe('/requests/b');
  expect(placeOf(of({ kind: 'hold_released', holdId: 'c' }))).toBe('/holds/c');
  expect(placeOf(of({ kind: 'schedule_failed', scheduleId: 'd' }))).toBe('/schedules/d');
  expect(placeOf(of({ kind: 'draw_announced', mandateId: 'e' }))).toBe('/mandates/e');
  expect(placeOf(of({ kind: 'new_device' }))).toBe('/settings');
  expect(placeOf(of({ kind: 'passkey_added' }))).toBe('/settings/security');
});

test('a schedule of somebody else is not led to', () => {
  expect(placeOf(of({ kind: 'schedule_not_received', scheduleId: 'd' }))).toBeNull();
});

test('of what is not known it is said that something happened, and led to what it names', () => {
  for (const kind of ['mandate_signed', 'toString', '']) {
    expect(sentenceOf(of({ kind, amount: 5n }), t, 'en-GB')).toBe('notifications.other');
    expect(placeOf(of({ kind }))).toBeNull();
    expect(placeOf(of({ kind, scheduleId: 'd' }))).toBe('/schedules/d');
    expect(isOfSafety(of({ kind }))).toBe(false);
  }
});

test('a sentence names who and how much, where there is somebody and an amount', () => {
  const person = { id: 'u', username: 'nour', displayName: 'Nour' };
  const said = (fields: Parameters<typeof of>[0]) => sentenceOf(of(fields), t, 'en-GB');
  expect(said({ person, amount: 25_075n })).toBe(
    'notifications.money_received Nour EGP\u00a0250.75',
  );
  expect(said({ kind: 'request_received', person })).toBe(
    'notifications.request_received_open Nour',
  );
  expect(said({ kind: 'hold_received', amount: 1n })).toBe(
    'notifications.hold_received notifications.somebody EGP\u00a00.01',
  );
  expect(said({ kind: 'password_changed' })).toBe('notifications.password_changed');
});

test('every request has a sentence without an amount too', () => {
  const texts = Object.keys(en.notifications);
  for (const key of texts.filter((each) => /^request_[a-z]+$/.test(each)))
    expect(texts).toContain(`${key}_open`);
});

test('beside it stands the device, the reason or the note', () => {
  const agent = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile';
  expect(beside(of({ kind: 'new_device', details: agent }))).toBe('Chrome · Android');
  expect(beside(of({ kind: 'new_device', details: '???' }))).toBe('???');
  expect(beside(of({ kind: 'request_declined', details: 'Not mine', note: 'Tea' }))).toBe(
    'Not mine',
  );
  expect(beside(of({ note: 'Tea' }))).toBe('Tea');
  expect(beside(of({}))).toBeNull();
});

test('the bell counts to 99', () => {
  for (const nothing of [undefined, 0]) {
    expect(badgeOf(nothing, 'en-GB')).toBeNull();
    expect(bellName(nothing, t)).toBe('nav.notifications');
  }
  expect(badgeOf(3, 'en-GB')).toBe('3');
  expect(badgeOf(3, 'ar-EG')).toBe('٣');
  expect(badgeOf(99, 'en-GB')).toBe('99');
  expect(badgeOf(100, 'en-GB')).toBe('99+');
  expect(bellName(3, t)).toBe('nav.unread 3');
  expect(bellName(100, t)).toBe('nav.unreadMost 99');
});
