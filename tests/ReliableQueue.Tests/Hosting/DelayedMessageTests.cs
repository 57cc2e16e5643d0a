using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Tests.DependencyInjection;

namespace ReliableQueue.Tests.Hosting;

/// <summary>A delayed message on its whole way: the client of the container, the broker, the worker of the host.</summary>
public sealed class DelayedMessageTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(400);

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task A_delayed_message_of_an_application_is_handled_after_its_delay(string broker)
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => (broker == "sqlite" ? worker.UseSqlite("queue.db") : worker.UseBroker(SetRig.NewBroker))
            .AddHandler<Greeting, GreetingHandler>("greetings"));
        await rig.StartAsync();
        var client = rig.Services.GetRequiredService<IQueueClient>();
        var started = Stopwatch.GetTimestamp();

        await client.EnqueueAsync("greetings", new Greeting("later"), new EnqueueOptions { Delay = Delay }, TestContext.Current.CancellationToken);

        Assert.Equal("later", await rig.Services.GetRequiredService<Guestbook>().NextAsync());

        // The wall clock of the broker and the stopwatch may differ by the grain of either.
        Assert.True(Stopwatch.GetElapsedTime(started) > Delay * 0.9, $"It came after {Stopwatch.GetElapsedTime(started)}.");
    }
}
