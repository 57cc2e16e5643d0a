using ReliableQueue.Broker;
using ReliableQueue.Messages;
using ReliableQueue.Producing;
using ReliableQueue.Working.Lease;
using ReliableQueue.Simulation.Checking;
using ReliableQueue.Simulation.World;

namespace ReliableQueue.Simulation.Workers;

/// <summary>
/// Enqueues as the real client does: one call in flight on a lane, the very same call repeated until it is answered or given up, and a new lane after one given up. A
/// model of it: the real client awaits with ConfigureAwait(false), because applications call it from anywhere, and so its waits for a group's outcome (completed
/// asynchronously), for the line's end and for cancellation go on in the pool. There the seed no longer decides the order of things.
/// </summary>
internal sealed class Producer(Process process, BrokerLink link, QueueName queue, Range numbers, Chance chance, History history, SimulationOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private CallLane lane = new(SessionId.New(chance), 0);

    public bool IsDone { get; private set; }

    /// <summary>Whether an answer said that the broker had lost writes.</summary>
    public bool HasSeenLoss { get; private set; }

    public async Task RunAsync()
    {
        var startedAt = process.Clock.GetTimestamp();
        var (next, end) = (numbers.Start.Value, numbers.End.Value);
        while (next < end)
        {
            await process.Clock.PauseAsync(chance.Between(TimeSpan.Zero, options.Faults * 1.6 / (end - numbers.Start.Value)), CancellationToken.None);
            if (next == options.Messages - options.TrialMessages)
            {
                var left = options.Faults + (5.5 * options.VisibilityTimeout) - process.Clock.GetElapsedTime(startedAt);
                await process.Clock.PauseAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, CancellationToken.None);
            }

            var limit = next < options.Messages - options.TrialMessages ? Math.Min(end, options.Messages - options.TrialMessages) : end;
            var count = Math.Min(chance.Between(1, 3), limit - next);
            await EnqueueAsync([.. Enumerable.Range(next, count).Select(Message)]);
            next += count;
        }

        IsDone = true;
    }

    private NewMessage Message(int number)
    {
        var envelope = new Envelope(process.Clock.GetUtcNow(), "work", new Dictionary<string, string>(), BitConverter.GetBytes(number));
        var terms = number < options.Messages - options.TrialMessages && chance.Hit(0.15) ? new MessageTerms { Delay = chance.Between(TimeSpan.FromMilliseconds(1), options.VisibilityTimeout) } : null;
        return new NewMessage(MessageId.New(process.Clock, chance), EnvelopeCodec.Encode(envelope)) { Terms = terms };
    }

    private async Task EnqueueAsync(IReadOnlyList<NewMessage> messages)
    {
        Tell(What.EnqueueAsked, messages);
        var startedAt = process.Clock.GetTimestamp();
        var request = new EnqueueRequest(queue, lane.Stamp, messages);
        var mayBeApplied = false;
        for (var failures = 1; ; failures++)
        {
            try
            {
                var (answer, _) = await link.EnqueueAsync(request, CancellationToken.None);
                HasSeenLoss |= answer.StateRegressed;
                if (answer.Standing is CallStanding.Applied or CallStanding.Repeated)
                {
                    lane.Answered();
                    Tell(What.EnqueueAcknowledged, messages);
                    return;
                }

                break;
            }
            catch (BrokerException exception)
            {
                mayBeApplied |= exception.Fault == BrokerFault.Unknown;
            }

            if (process.Clock.GetElapsedTime(startedAt) > Patience)
            {
                break;
            }

            await process.Clock.PauseAsync(RetryPause.After(failures, chance), CancellationToken.None);
        }

        lane = mayBeApplied ? new CallLane(SessionId.New(chance), 0) : lane;
        Tell(What.EnqueueUnknown, messages);
    }

    private void Tell(What what, IReadOnlyList<NewMessage> messages)
    {
        foreach (var message in messages)
        {
            // Down to whole milliseconds: what the history knows of a delay is never longer than the delay.
            history.Add(what, message: message.Id, number: (int)(message.Terms?.Delay.TotalMilliseconds ?? 0));
        }
    }
}
