export interface TokenBucket {
  /** False when no token is left. */
  take(): boolean;
}

export interface TokenBucketLimits {
  ratePerSecond: number;
  burst: number;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html */
export function createTokenBucket({ ratePerSecond, burst }: TokenBucketLimits, now = Date.now): TokenBucket {
  let tokens = burst;
  let filledAt = now();
  return {
    take: () => {
      const time = now();
      tokens = Math.min(burst, tokens + ((time - filledAt) / 1000) * ratePerSecond);
      filledAt = time;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
