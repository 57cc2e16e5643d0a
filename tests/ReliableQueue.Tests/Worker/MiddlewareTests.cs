using Microsoft.Extensions.DependencyInjection;
using ReliableQueue.Broker;
using ReliableQueue.TestKit;
using ReliableQueue.Working.Handle;

namespace ReliableQueue.Tests.Worker;

/// <summary>What runs around a handler. Each middleware writes into the list that it finds among its services, or does what the test gave it to do.</summary>
public sealed class MiddlewareTests
{
    private readonly List<string> said = [];

    [Fact]
    public void Middleware_runs_around_the_handler_in_the_order_it_was_added()
    {
        using var rig = Rig();
        rig.Options.Use<Outer>().Use<Inner>();
        rig.Handler = (_, _) => Say("handler");
        rig.Start();

        rig.Enqueue(1);

        Assert.Equal(["outer in", "inner in", "handler", "inner out", "outer out"], said);
    }

    [Fact]
    public void Middleware_that_is_registered_comes_from_the_scope_of_the_delivery()
    {
        using var rig = Rig(services => services.AddScoped<Outer>());
        Outer? found = null;
        rig.Options.Use<Outer>().Use<Inner>();
        rig.OnCall = scope => found = scope.GetRequiredService<Outer>();
        rig.Start();

        rig.Enqueue(2);

        Assert.True(found is { Calls: 1 }, "A middleware of another scope was called.");
    }

    [Fact]
    public void Middleware_that_only_the_options_name_is_made_for_each_delivery_and_disposed_after_it()
    {
        using var rig = Rig();
        rig.Options.Use<Disposed>();
        rig.Handler = (_, _) => Say("handler");
        rig.Start();

        rig.Enqueue(2);

        Assert.Equal(["handler", "disposed", "handler", "disposed"], said);
    }

    [Fact]
    public void An_exception_that_a_middleware_does_not_let_through_is_an_ack()
    {
        using var rig = Acting(async (proceed, token) =>
        {
            try
            {
                await proceed(token);
            }
            catch (FormatException)
            {
            }
        });
        rig.Handler = (_, _) => throw new FormatException();

        rig.Start();
        rig.Enqueue(1);

        Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), rig.Statistics);
    }

    [Fact]
    public void A_rejection_by_a_middleware_is_a_dead_letter()
    {
        using var rig = Acting((_, _) => throw new RejectMessageException("no such tenant"));

        rig.Start();
        rig.Enqueue(1);

        Assert.Equal((DeadLetterReason.Rejected, "no such tenant"), rig.DeadLetters.Select(letter => (letter.DeadLetterReason, letter.Error)).Single());
        Assert.Empty(rig.Handled);
    }

    [Fact]
    public void An_exception_of_a_middleware_is_a_retry()
    {
        using var rig = Acting((_, _) => throw new InvalidOperationException("no connection"));

        rig.Start();
        rig.Enqueue(1);

        Assert.Equal(1, rig.Statistics.Scheduled);
    }

    [Fact]
    public void A_message_whose_middleware_returns_without_calling_the_rest_is_acked()
    {
        using var rig = Acting((_, _) => Task.CompletedTask);

        rig.Start();
        rig.Enqueue(1);

        Assert.Equal(new QueueStatistics(0, 0, 0, 0, null), rig.Statistics);
        Assert.Empty(rig.Handled);
    }

    [Fact]
    public void The_token_that_a_middleware_passes_on_reaches_the_handler_and_one_that_fired_by_itself_is_a_failure()
    {
        using var rig = Acting(async (proceed, token) =>
        {
            using var shorter = CancellationTokenSource.CreateLinkedTokenSource(token);
            await shorter.CancelAsync();
            await proceed(shorter.Token);
        });
        rig.Handler = (_, token) => Task.FromCanceled(token);
        rig.Options.Retry.MaxDeliveries = 1;

        rig.Start();
        rig.Enqueue(1);

        Assert.Equal(DeadLetterReason.DeliveryLimit, Assert.Single(rig.DeadLetters).DeadLetterReason);
    }

    [Fact]
    public void A_handler_that_is_cancelled_behind_a_middleware_is_released_uncounted()
    {
        using var rig = Acting((proceed, token) => proceed(token));
        rig.DrainTimeout = TimeSpan.FromSeconds(1);
        rig.Handler = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, token);
        rig.Start();
        rig.Enqueue(1);

        rig.Stop();
        rig.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal((1, 0), (rig.Statistics.Ready, rig.Statistics.Leased));
    }

    [Fact]
    public void A_queue_without_middleware_allocates_nothing_for_it()
    {
        using var services = new ServiceCollection().BuildServiceProvider();
        var handler = new HandlerRegistration<string>("work", _ => "", (_, _, _, _) => Task.CompletedTask);
        var none = MiddlewareChain.Of([]);
        var delivery = Given.Delivery(QueueName.Parse("work"), new VirtualTime());
        _ = handler.CallAsync(delivery, none, services);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var call = 0; call < 100; call++)
        {
            _ = handler.CallAsync(delivery, none, services);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private WorkerRig Rig(Action<IServiceCollection>? register = null) => new(services =>
    {
        services.AddSingleton(said);
        register?.Invoke(services);
    });

    private static WorkerRig Acting(Func<DeliveryNext, CancellationToken, Task> act)
    {
        var rig = new WorkerRig(services => services.AddSingleton(act));
        rig.Options.Use<Act>();
        return rig;
    }

    private Task Say(string what)
    {
        said.Add(what);
        return Task.CompletedTask;
    }

    private sealed class Outer(List<string> said) : IDeliveryMiddleware
    {
        public int Calls { get; private set; }

        public async Task InvokeAsync(MessageContext context, DeliveryNext proceed, CancellationToken cancellationToken)
        {
            Calls++;
            said.Add("outer in");
            await proceed(cancellationToken);
            said.Add("outer out");
        }
    }

    private sealed class Inner(List<string> said) : IDeliveryMiddleware
    {
        public async Task InvokeAsync(MessageContext context, DeliveryNext proceed, CancellationToken cancellationToken)
        {
            said.Add("inner in");
            await proceed(cancellationToken);
            said.Add("inner out");
        }
    }

    private sealed class Disposed(List<string> said) : IDeliveryMiddleware, IDisposable
    {
        public Task InvokeAsync(MessageContext context, DeliveryNext proceed, CancellationToken cancellationToken) => proceed(cancellationToken);

        public void Dispose() => said.Add("disposed");
    }

    private sealed class Act(Func<DeliveryNext, CancellationToken, Task> act) : IDeliveryMiddleware
    {
        public Task InvokeAsync(MessageContext context, DeliveryNext proceed, CancellationToken cancellationToken) => act(proceed, cancellationToken);
    }
}
