import { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { resourceNames } from '../functions/shared/contract/names.ts';
import type { Settings } from './settings.ts';

/** The bus for changes of the mirror. Search and reporting add their own rules to it. */
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
