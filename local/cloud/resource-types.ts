import { z } from 'zod';
import { IAM } from './inert-resources.ts';
import { QUEUE_TYPES } from './queue-types.ts';
import { arnOf, ENCRYPTION, LABEL, runs } from './running-resource.ts';
import { REGION } from './template.ts';

const TRACING = 'there is no X-Ray here';
const BACKUP = 'protects a deployed table; here the table is a file in the state folder';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const throttling = {
  ThrottlingRateLimit: z.number().positive().optional(),
  ThrottlingBurstLimit: z.number().positive().optional(),
  // Accepted and ignored: there are no metrics here.
  DetailedMetricsEnabled: z.boolean().optional(),
};

const queueArn = z.string().startsWith('arn:aws:sqs:');

/** **Runs**: types of resources that run here. */
export const RUNNING = {
  'AWS::Lambda::Function': runs({
    properties: z.strictObject({
      Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
      FunctionName: z.string().optional(),
      Handler: z.string().regex(/^[\w./-]+\.\w+$/),
      Runtime: z.string().startsWith('nodejs'),
      MemorySize: z.number().int().default(128),
      Timeout: z.number().int().positive().default(3),
      ReservedConcurrentExecutions: z.number().int().positive().optional(),
      DeadLetterConfig: z.strictObject({ TargetArn: queueArn }).optional(),
      Environment: z
        .strictObject({ Variables: z.record(z.string(), z.coerce.string()) })
        .default({ Variables: {} }),
      LoggingConfig: z
        .strictObject({
          LogFormat: z.enum(['Text', 'JSON']).default('Text'),
          LogGroup: z.string().optional(),
          ApplicationLogLevel: z.enum(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']).default('INFO'),
          SystemLogLevel: z.enum(['DEBUG', 'INFO', 'WARN']).default('INFO'),
        })
        .prefault({}),
    }),
    inert: {
      Role: IAM,
      Description: LABEL,
      Tags: LABEL,
      TracingConfig: TRACING,
      Architectures: "functions run on this machine's architecture",
      EphemeralStorage: "functions use this machine's /tmp",
    },
    nameProperty: 'FunctionName',
    ref: 'name',
    arn: arnOf('lambda', 'function:'),
  }),
  'AWS::Lambda::EventInvokeConfig': runs({
    properties: z.strictObject({
      FunctionName: z.string(),
      Qualifier: z.literal('$LATEST'),
      MaximumRetryAttempts: z.number().int().min(0).max(2).default(2),
    }),
    inert: { MaximumEventAgeInSeconds: 'events wait for minutes here, not for hours' },
    ref: 'logicalId',
    arn: arnOf('lambda', 'event-invoke-config:'),
  }),
  'AWS::DynamoDB::Table': runs({
    properties: z.strictObject({
      TableName: z.string().optional(),
      AttributeDefinitions: z.array(
        z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
      ),
      KeySchema: keySchema,
      BillingMode: z.literal('PAY_PER_REQUEST'),
      GlobalSecondaryIndexes: z
        .array(
          z.strictObject({
            IndexName: z.string(),
            KeySchema: keySchema,
            Projection: z.strictObject({
              ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
              NonKeyAttributes: z.array(z.string()).optional(),
            }),
          }),
        )
        .default([]),
      TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
    }),
    inert: {
      PointInTimeRecoverySpecification: BACKUP,
      DeletionProtectionEnabled: BACKUP,
      SSESpecification: ENCRYPTION,
      ContributorInsightsSpecification: 'there are no metrics here',
      Tags: LABEL,
    },
    nameProperty: 'TableName',
    ref: 'name',
    arn: arnOf('dynamodb', 'table/'),
  }),
  'AWS::StepFunctions::StateMachine': runs({
    properties: z.strictObject({
      StateMachineName: z.string().optional(),
      StateMachineType: z.literal('STANDARD').optional(),
      DefinitionString: z.string(),
      LoggingConfiguration: z
        .strictObject({
          Level: z.enum(['ALL', 'ERROR', 'FATAL', 'OFF']).default('OFF'),
          IncludeExecutionData: z.boolean().default(false),
          Destinations: z
            .array(z.strictObject({ CloudWatchLogsLogGroup: z.strictObject({ LogGroupArn: z.string() }) }))
            .default([]),
        })
        .prefault({}),
    }),
    inert: { RoleArn: IAM, TracingConfiguration: TRACING, EncryptionConfiguration: ENCRYPTION, Tags: LABEL },
    nameProperty: 'StateMachineName',
    ref: 'arn',
    arn: arnOf('states', 'stateMachine:'),
  }),
  'AWS::ApiGatewayV2::Api': runs({
    properties: z.strictObject({ Name: z.string().optional(), ProtocolType: z.literal('HTTP') }),
    inert: { Description: LABEL, Tags: LABEL, DisableExecuteApiEndpoint: 'there is only one endpoint here' },
    ref: 'logicalId',
    arn: (name) => `arn:aws:apigateway:${REGION}::/apis/${name}`,
  }),
  'AWS::ApiGatewayV2::Stage': runs({
    properties: z.strictObject({
      ApiId: z.string(),
      StageName: z.literal('$default'),
      AutoDeploy: z.literal(true),
      DefaultRouteSettings: z.strictObject(throttling).default({}),
      RouteSettings: z.record(z.string(), z.strictObject(throttling)).default({}),
      AccessLogSettings: z.strictObject({ DestinationArn: z.string(), Format: z.string() }).optional(),
    }),
    inert: { Description: LABEL, Tags: LABEL },
    nameProperty: 'StageName',
    ref: 'name',
    arn: arnOf('apigateway', 'stage:'),
  }),
  'AWS::ApiGatewayV2::Route': runs({
    properties: z.strictObject({
      ApiId: z.string(),
      RouteKey: z.string().regex(/^(\$default|[A-Z]+ \/[^:*]*)$/),
      Target: z.string().startsWith('integrations/'),
      AuthorizationType: z.enum(['NONE', 'CUSTOM']).default('NONE'),
      AuthorizerId: z.string().optional(),
    }),
    inert: { OperationName: LABEL },
    ref: 'logicalId',
    arn: arnOf('apigateway', 'route:'),
  }),
  'AWS::ApiGatewayV2::Integration': runs({
    properties: z.strictObject({
      ApiId: z.string(),
      IntegrationType: z.literal('AWS_PROXY'),
      IntegrationUri: z.string(),
      IntegrationMethod: z.literal('POST').optional(),
      PayloadFormatVersion: z.literal('2.0'),
      TimeoutInMillis: z.number().int().min(50).max(30_000).default(30_000),
    }),
    inert: { Description: LABEL },
    ref: 'logicalId',
    arn: arnOf('apigateway', 'integration:'),
  }),
  'AWS::ApiGatewayV2::Authorizer': runs({
    properties: z.strictObject({
      ApiId: z.string(),
      AuthorizerType: z.literal('REQUEST'),
      AuthorizerUri: z.string(),
      AuthorizerPayloadFormatVersion: z.literal('2.0'),
      AuthorizerResultTtlInSeconds: z.literal(0),
      EnableSimpleResponses: z.literal(true),
      IdentitySource: z.array(z.string().regex(/^\$request\.(header|querystring)\..+$/)).default([]),
      Name: z.string().optional(),
    }),
    inert: { AuthorizerCredentialsArn: IAM },
    ref: 'logicalId',
    arn: arnOf('apigateway', 'authorizer:'),
  }),
  'AWS::Events::EventBus': runs({
    properties: z.strictObject({ Name: z.string().regex(/^(?!default$)[\w.-]+$/) }),
    inert: { Description: LABEL, KmsKeyIdentifier: ENCRYPTION, Tags: LABEL },
    nameProperty: 'Name',
    ref: 'name',
    arn: arnOf('events', 'event-bus/'),
  }),
  'AWS::Events::Rule': runs({
    properties: z.strictObject({
      Name: z.string().optional(),
      /** A name or an ARN. */
      EventBusName: z.string().optional(),
      ScheduleExpression: z.string().optional(),
      EventPattern: z.record(z.string(), z.unknown()).optional(),
      State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
      Targets: z
        .array(
          z.strictObject({
            Id: z.string(),
            Arn: z.string().startsWith('arn:aws:lambda:'),
            Input: z.string().optional(),
            DeadLetterConfig: z.strictObject({ Arn: queueArn }).optional(),
            // Accepted and ignored: the only delivery that fails here is one to a missing function, which AWS does not
            // retry either.
            RetryPolicy: z.unknown().optional(),
          }),
        )
        .default([]),
    }),
    inert: { Description: LABEL, RoleArn: IAM, Tags: LABEL },
    nameProperty: 'Name',
    ref: 'name',
    arn: arnOf('events', 'rule/'),
  }),
  'AWS::Logs::LogGroup': runs({
    properties: z.strictObject({
      LogGroupName: z.string().optional(),
      RetentionInDays: z.number().int().positive().optional(),
    }),
    inert: {
      KmsKeyId: ENCRYPTION,
      LogGroupClass: 'affects only the price',
      DataProtectionPolicy: 'not applied here',
      DeletionProtectionEnabled: 'protects a deployed log; here the log is in the state folder',
      Tags: LABEL,
    },
    nameProperty: 'LogGroupName',
    ref: 'name',
    arn: (name) => `${arnOf('logs', 'log-group:')(name)}:*`,
  }),
  'AWS::SecretsManager::Secret': runs({
    properties: z.strictObject({
      Name: z.string().optional(),
      SecretString: z.string().optional(),
      GenerateSecretString: z
        .strictObject({
          SecretStringTemplate: z.string().optional(),
          GenerateStringKey: z.string().optional(),
          PasswordLength: z.number().int().positive().default(32),
          ExcludeCharacters: z.string().default(''),
          ExcludeLowercase: z.boolean().default(false),
          ExcludeUppercase: z.boolean().default(false),
          ExcludeNumbers: z.boolean().default(false),
          ExcludePunctuation: z.boolean().default(false),
          IncludeSpace: z.boolean().default(false),
          RequireEachIncludedType: z.boolean().default(true),
        })
        .optional(),
    }),
    inert: { Description: LABEL, KmsKeyId: ENCRYPTION, Tags: LABEL },
    nameProperty: 'Name',
    ref: 'arn',
    arn: (name) => `${arnOf('secretsmanager', 'secret:')(name)}-000000`,
  }),
  'AWS::SNS::Topic': runs({
    properties: z.strictObject({
      TopicName: z
        .string()
        .regex(/^[\w-]{1,256}$/)
        .optional(),
    }),
    inert: { DisplayName: LABEL, KmsMasterKeyId: ENCRYPTION, TracingConfig: TRACING, Tags: LABEL },
    nameProperty: 'TopicName',
    ref: 'arn',
    arn: arnOf('sns', ''),
  }),
  ...QUEUE_TYPES,
};

export type RunningType = keyof typeof RUNNING;
export type PropertiesOf<T extends RunningType> = z.output<(typeof RUNNING)[T]['properties']>;

export const isRunningType = (type: string): type is RunningType => Object.hasOwn(RUNNING, type);
