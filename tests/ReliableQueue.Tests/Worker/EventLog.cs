using Microsoft.Extensions.Logging;

namespace ReliableQueue.Tests.Worker;

/// <summary>One event as it was logged.</summary>
internal sealed record LoggedEvent(int Id, LogLevel Level, string Text, Exception? Exception);

/// <summary>Keeps every event.</summary>
internal sealed class EventLog : ILogger
{
    private readonly List<LoggedEvent> events = [];

    public IReadOnlyList<LoggedEvent> Events
    {
        get
        {
            lock (events)
            {
                return [.. events];
            }
        }
    }

    public IReadOnlyList<LoggedEvent> Of(int id) => [.. Events.Where(logged => logged.Id == id)];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (events)
        {
            events.Add(new LoggedEvent(eventId.Id, logLevel, formatter(state, exception), exception));
        }
    }
}
