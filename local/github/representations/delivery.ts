import type { components } from '@octokit/openapi-types';
import type { Delivery } from '../deliveries/deliveries.ts';

export function deliveryInListing(delivery: Delivery): components['schemas']['hook-delivery-item'] {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.isRedelivery,
    duration: delivery.durationSeconds,
    status: delivery.answer.status,
    status_code: delivery.answer.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}

export function deliveryAnswer(delivery: Delivery): components['schemas']['hook-delivery'] {
  const { headers, payload } = delivery.answer;
  return {
    ...deliveryInListing(delivery),
    id: delivery.id,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    url: delivery.url,
    request: { headers: { ...delivery.request.headers }, payload: { ...delivery.request.payload } },
    response: { headers: headers === null ? null : { ...headers }, payload },
  };
}
