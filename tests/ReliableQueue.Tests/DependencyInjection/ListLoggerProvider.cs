using Microsoft.Extensions.Logging;

namespace ReliableQueue.Tests.DependencyInjection;

/// <summary>Keeps every text that is logged, with its exception as it would be printed.</summary>
internal sealed class ListLoggerProvider(List<string> said) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (said)
        {
            said.Add(formatter(state, exception) + exception);
        }
    }

    public void Dispose()
    {
    }
}
