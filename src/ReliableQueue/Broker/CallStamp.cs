namespace ReliableQueue.Broker;

/// <summary>
/// Makes a changing call safe to repeat. A client has one call in flight on each of its lanes and numbers them 1, 2, 3…; the broker keeps the last number of
/// each lane with its answer.
/// </summary>
/// <remarks>
/// The same number again: the same answer, and nothing is done twice. A lower one: <see cref="CallStanding.Already"/>, nothing is done, so bytes that hid in
/// the network for minutes cannot bring a finished message back. A number that skips: the broker has lost calls it had answered
/// (<see cref="CallAnswer.StateRegressed"/>). A client starts a new lane rather than use one that rested for more than 12 hours; the broker forgets lanes
/// unseen for a day.
/// </remarks>
/// <param name="Session">The run that calls.</param>
/// <param name="Lane">The lane within the run, 0 to 65,535. Enqueue and lease calls of one session never share a lane.</param>
/// <param name="Number">The number of the call on its lane, from 1.</param>
public readonly record struct CallStamp(SessionId Session, int Lane, long Number);
