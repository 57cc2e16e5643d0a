using System.Diagnostics.CodeAnalysis;

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
[Experimental("RQ001")]
public readonly record struct CallStamp(SessionId Session, int Lane, long Number);

/// <summary>One run of a worker or a producer, named by 8 random bytes. Part of every lease token and every call stamp.</summary>
/// <param name="Value">The 8 bytes as a number, big-endian. Never zero.</param>
[Experimental("RQ001")]
public readonly record struct SessionId(long Value)
{
    /// <summary>Makes a new session.</summary>
    /// <param name="random">Where the 8 bytes come from.</param>
    public static SessionId New(IRandomSource random) => new(random.NextInt64());

    /// <summary>16 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", null);
}

/// <summary>What every stamped call is answered with.</summary>
/// <param name="Standing">Whether it was done now, before, or not.</param>
/// <param name="Epoch">
/// A number drawn when the queue's state was first created. Another number later: the state was lost and begun anew.
/// </param>
/// <param name="StateRegressed">
/// The stored number of the lane was lower than one already answered: the broker lost writes it had acknowledged (a restore, a failover, a power loss). A broker that finds
/// messages missing says so in the same way.
/// The call itself was done all the same, and its repetition says so again.
/// </param>
[Experimental("RQ001")]
public readonly record struct CallAnswer(CallStanding Standing, long Epoch, bool StateRegressed);

/// <summary>What a broker did with a stamped call.</summary>
[Experimental("RQ001")]
public enum CallStanding
{
    /// <summary>Done now.</summary>
    Applied,

    /// <summary>Done before under this number; the same answer again.</summary>
    Repeated,

    /// <summary>A later call of this lane has been answered; nothing done, nothing returned.</summary>
    Already,

    /// <summary>The session was returned by its successor (<see cref="IQueueBroker.ReturnAsync"/>) and may lease no more; nothing done.</summary>
    Fenced,
}
