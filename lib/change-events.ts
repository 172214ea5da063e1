import { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import type { Settings } from './settings.ts';

/** Where search and reporting learn what changed in the mirror: they put rules of their own on this bus. */
export class ChangeEvents extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { stage }: Settings) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: resourceNames(stage).changeEventBus,
      description:
        'ItemCreated, ItemUpdated, ItemRemoved and SyncCompleted of the Item Synchronization Process',
    });
  }
}
