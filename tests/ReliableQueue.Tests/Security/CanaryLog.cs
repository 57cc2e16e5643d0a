using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ReliableQueue.Tests.Security;

/// <summary>Keeps everything that is logged: text, every value given next to it, and the exception as a console would print it.</summary>
internal sealed class CanaryLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(EventId Event, string Text, string Exception)> entries = new();

    public IReadOnlyList<(EventId Event, string Text, string Exception)> Entries => [.. entries];

    public ILogger CreateLogger(string categoryName) => new Logger(entries, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<(EventId Event, string Text, string Exception)> entries, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            entries.Enqueue((default, $"{category} scope {state}", ""));
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> named ? string.Join(' ', named) : "";
            entries.Enqueue((eventId, $"{category} {logLevel} {eventId} {formatter(state, exception)} {values}", exception?.ToString() ?? ""));
        }
    }
}
