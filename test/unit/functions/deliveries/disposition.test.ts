import { describe, expect, it } from 'vitest';
import { readDelivery } from '../../../../functions/deliveries/delivery.ts';
import { dispositionOf } from '../../../../functions/deliveries/disposition.ts';
import { ORGANIZATION } from '../../../support/bank.ts';
import { push } from '../../../support/deliveries.ts';

const BANK = { organization: ORGANIZATION, ignored: new Set(['docs']) };

function disposition(event: string, payload: object) {
  const headers = { 'x-github-event': event, 'x-github-delivery': 'delivery-1' };
  const decided = dispositionOf(readDelivery(headers, JSON.stringify(payload)), BANK);
  return decided.kind === 'queue' ? 'queue' : decided.reason;
}

const repository = (fields: object) => ({ repository: { ...push().repository, ...fields } });
const OTHER = repository({ owner: { login: 'somebody' }, full_name: 'somebody/item-7' });

describe('a push', () => {
  it.each([
    ['to the default branch', push(), 'queue'],
    ['to a create_ branch', push(7, { ref: 'refs/heads/create_item' }), 'queue'],
    ['that deletes a create_ branch', push(7, { ref: 'refs/heads/create_item', deleted: true }), 'queue'],
    ['to another branch', push(7, { ref: 'refs/heads/draft' }), 'other-branch'],
    ['to a branch whose name contains create_', push(7, { ref: 'refs/heads/x/create_1' }), 'other-branch'],
    ['of a tag', push(7, { ref: 'refs/tags/v1' }), 'other-branch'],
    ['of a tag that is named like the default branch', push(7, { ref: 'refs/tags/main' }), 'other-branch'],
    [
      'of a tag of a repository whose default branch is left out',
      { ...push(7, { ref: 'refs/tags/v1' }), ...repository({ default_branch: undefined }) },
      'other-branch',
    ],
    [
      'to some branch of a repository whose default branch is left out',
      { ...push(7, { ref: 'refs/heads/draft' }), ...repository({ default_branch: null }) },
      'queue',
    ],
    ['that leaves its ref out', push(7, { ref: undefined }), 'queue'],
    ['to another organization', { ...push(), ...OTHER }, 'other-organization'],
    [
      'to the organization in other letters',
      { ...push(), ...repository({ owner: { login: 'ITEM-Bank' } }) },
      'queue',
    ],
    ['to an ignored repository', { ...push(), ...repository({ name: 'docs' }) }, 'ignored-repository'],
    [
      'that names its owner by name',
      { ...push(), ...repository({ owner: { name: 'somebody' } }) },
      'other-organization',
    ],
    [
      'that names its owner in the full name',
      { ...push(), ...repository({ owner: null, full_name: 'somebody/x' }) },
      'other-organization',
    ],
    ['that names no owner', { ...push(), ...repository({ owner: null, full_name: null }) }, 'queue'],
    [
      'with a repository that has a readable id only',
      { repository: { id: 7, name: 5, owner: 'x', default_branch: {} } },
      'queue',
    ],
    ['without a repository', { ref: 'refs/heads/main' }, 'no-repository'],
    ['whose repository is null', { ref: 'refs/heads/main', repository: null }, 'no-repository'],
  ])('%s: %#', (_, payload, expected) => {
    expect(disposition('push', payload)).toBe(expected);
  });
});

describe('the creation or deletion', () => {
  it.each([
    ['of a create_ branch', { ref: 'create_item', ref_type: 'branch' }, 'queue'],
    ['of the default branch', { ref: 'main', ref_type: 'branch' }, 'queue'],
    ['of another branch', { ref: 'draft', ref_type: 'branch' }, 'other-branch'],
    ['of a tag', { ref: 'main', ref_type: 'tag' }, 'other-branch'],
    ['of something whose type is left out', { ref: 'create_item' }, 'queue'],
  ])('%s', (_, fields, expected) => {
    expect(disposition('create', push(7, fields))).toBe(expected);
    expect(disposition('delete', push(7, fields))).toBe(expected);
  });
});

describe('an event about a repository', () => {
  it.each([
    'created',
    'renamed',
    'archived',
    'unarchived',
    'transferred',
    'edited',
    'deleted',
    'publicized',
    'privatized',
  ])('is queued: %s', (action) => {
    expect(disposition('repository', push(7, { action }))).toBe('queue');
  });

  it('is queued if its action is left out, and dropped if the action is unknown', () => {
    expect(disposition('repository', push())).toBe('queue');
    expect(disposition('repository', push(7, { action: 'starred' }))).toBe('unknown-event');
  });

  it('is dropped for another organization, unless the repository was transferred there', () => {
    expect(disposition('repository', { action: 'edited', ...OTHER })).toBe('other-organization');
    expect(disposition('repository', { action: 'transferred', ...OTHER })).toBe('queue');
  });
});

describe('other events', () => {
  it.each([
    ['ping', { zen: 'Keep it logically awesome.' }, 'ping'],
    ['ping', push(), 'ping'],
    ['meta', { action: 'deleted', ...repository({}) }, 'queue'],
    ['meta', { action: 'deleted', organization: { login: ORGANIZATION } }, 'no-repository'],
    ['issues', push(7, { action: 'opened' }), 'unknown-event'],
    ['an_event_of_next_year', {}, 'unknown-event'],
  ])('%s: %#', (event, payload, expected) => {
    expect(disposition(event, payload)).toBe(expected);
  });
});

it('passes on which item it is about, and nothing else of the payload', () => {
  const headers = { 'x-github-event': 'repository', 'x-github-delivery': 'delivery-1' };
  const payload = push(7, { action: 'renamed', changes: { repository: { name: { from: 'x' } } } });
  expect(dispositionOf(readDelivery(headers, JSON.stringify(payload)), BANK)).toEqual({
    kind: 'queue',
    message: { itemBankId: 7, event: 'repository', action: 'renamed', deliveryId: 'delivery-1' },
  });
});
