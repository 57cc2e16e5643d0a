using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ReliableQueue.Tests.DependencyInjection;

/// <content>Handlers and what they need.</content>
public sealed partial class MissingServiceTests
{
    private interface IClockwork;

    private interface IPress;

    private interface IRepository<T>;

    private abstract class Handler : IMessageHandler<Greeting>
    {
        public Task HandleAsync(Greeting message, MessageContext context, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [MessageType("letter", Queue = "letters")]
    private sealed record Letter;

    private sealed class Ink;

    private sealed class Silent : IPress;

    private sealed class Press(Ink ink) : IPress
    {
        public Ink Ink => ink;
    }

    private sealed class Mailer(IPress press)
    {
        public IPress Press => press;
    }

    private sealed class Repository<T>(IPress press, IEnumerable<T> all) : IRepository<T>
    {
        public (IPress, IEnumerable<T>) Parts => (press, all);
    }

    private sealed class Counted
    {
        public Counted() => Made++;

        public static int Made { get; set; }
    }

    private sealed class Hen(Egg egg)
    {
        public Egg Egg => egg;
    }

    private sealed class Egg(Hen hen, Ink ink)
    {
        public (Hen, Ink) Parts => (hen, ink);
    }

    private sealed class Lacking(Guestbook book, IClockwork clockwork, IRepository<Letter> letters) : Handler
    {
        public (Guestbook, IClockwork, IRepository<Letter>) Parts => (book, clockwork, letters);
    }

    private sealed class LackingBehind(Mailer mailer) : Handler
    {
        public Mailer Mailer => mailer;
    }

    private sealed class Satisfied(Counted counted, Mailer mailer, ILogger<Satisfied> logger) : Handler
    {
        public (Counted, Mailer, ILogger<Satisfied>) Parts => (counted, mailer, logger);
    }

    private sealed class OfTheContainer(IServiceProvider services, IServiceScopeFactory scopes, IEnumerable<IClockwork> none) : Handler
    {
        public (IServiceProvider, IServiceScopeFactory, IEnumerable<IClockwork>) Parts => (services, scopes, none);
    }

    private sealed class Modest(Mailer? mailer = null, int most = 3) : Handler
    {
        public (Mailer?, int) Parts => (mailer, most);
    }

    private sealed class Keyed([FromKeyedServices("parcels")] Mailer parcels, [FromKeyedServices("post")] Mailer post, [FromKeyedServices("news")] IPress news) : Handler
    {
        public (Mailer, Mailer, IPress) Parts => (parcels, post, news);
    }

    private sealed class Flexible : Handler
    {
        public Flexible(Guestbook book) => Book = book;

        public Flexible(Guestbook book, IClockwork clockwork) => (Book, Clockwork) = (book, clockwork);

        public Guestbook Book { get; }

        public IClockwork? Clockwork { get; }
    }

    private sealed class Torn : Handler
    {
        public Torn(Guestbook book) => Part = book;

        public Torn(IServiceProvider services) => Part = services;

        public object Part { get; }
    }

    private sealed class Closed : Handler
    {
        private Closed()
        {
        }

        public static Closed Make() => new();
    }

    private sealed class OfMany(IEnumerable<IPress> presses) : Handler
    {
        public IEnumerable<IPress> Presses => presses;
    }

    private sealed class Circular(Hen hen) : Handler
    {
        public Hen Hen => hen;
    }

    private sealed class Registered(Ink ink) : IDeliveryMiddleware
    {
        public Ink Ink => ink;

        public Task InvokeAsync(MessageContext context, DeliveryNext next, CancellationToken cancellationToken) => next(cancellationToken);
    }

    private sealed class Unregistered(IClockwork clockwork) : IDeliveryMiddleware
    {
        public IClockwork Clockwork => clockwork;

        public Task InvokeAsync(MessageContext context, DeliveryNext next, CancellationToken cancellationToken) => next(cancellationToken);
    }
}
