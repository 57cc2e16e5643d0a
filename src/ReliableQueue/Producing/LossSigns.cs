using ReliableQueue.Broker;

namespace ReliableQueue.Producing;

/// <summary>Tells from the answers of one queue that the broker lost writes it had acknowledged: another epoch than before, or a lane's number gone back.</summary>
internal sealed class LossSigns
{
    private readonly Lock gate = new();
    private long? epoch;

    /// <summary>What an answer shows; null: nothing. A queue begun anew has forgotten the numbers as well: that is one loss, and one sign.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="noted">The epoch that an earlier run noted; null when none did.</param>
    public string? In(CallAnswer answer, long? noted = null)
    {
        lock (gate)
        {
            var known = epoch ?? noted;
            epoch = answer.Epoch;
            return known is not null && known != answer.Epoch ? "the queue's state was begun anew"
                : answer.StateRegressed ? "an answered call is forgotten, or a message is missing"
                : null;
        }
    }
}
