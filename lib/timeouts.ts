import { Duration } from 'aws-cdk-lib';

/** API Gateway waits 29 s for an answer and 10 s for an authorizer: the answer of a slower function is lost. */
export const TIMEOUTS = {
  authorizer: Duration.seconds(10),
  answer: Duration.seconds(28),
  /** GitHub waits 10 s for the answer to a delivery. */
  delivery: Duration.seconds(10),
  record: Duration.minutes(1),
  /** If an invocation is killed, its messages return after six times this long. */
  deliveries: Duration.minutes(5),
  /** The longest that Lambda allows. Another invocation continues work that takes longer. */
  work: Duration.minutes(15),
};
