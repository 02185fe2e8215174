/**
 * What was asked for, where it comes in time: an answer that is lost on the way would be waited for without end.
 *
 * @param what names who is asked, for the error
 *
 * @throws {Error} where it takes longer; what was asked continues, and its outcome is nobody's concern any more
 */
export async function within<Answer>(milliseconds: number, what: string, asked: Promise<Answer>): Promise<Answer> {
  asked.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not answer within ${milliseconds / 1000} s`)), milliseconds);
  });
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
