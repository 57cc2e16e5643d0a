namespace ReliableQueue.Broker;

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
public readonly record struct CallAnswer(CallStanding Standing, long Epoch, bool StateRegressed);
