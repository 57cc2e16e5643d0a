// One command that shows what ReliableQueue is for: workers are killed with SIGKILL in the middle of their messages, and nothing is lost.
//
//   dotnet run --project samples/Quickstart                             on the embedded broker, one SQLite file; needs nothing but the .NET SDK
//   dotnet run --project samples/Quickstart -- --redis localhost:6379   the same on Redis or Valkey
//   dotnet run --project samples/Quickstart -- --folder PATH            checksums these files instead of the application's own
//   dotnet run --project samples/Quickstart -- --within 5               how soon the killed message must be handled again; 1 second, unless the machine is busy
//
// It exits 0 only if everything it says was verified.

using System.Runtime.InteropServices;
using Quickstart;

if (args is [ChecksumWorker.Verb, .. var rest] && WorkerOptions.Parse(rest) is { } worker)
{
    return await ChecksumWorker.RunAsync(worker);
}

if (StoryOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine("Usage: Quickstart [--redis host:port] [--folder PATH] [--within SECONDS]");
    return 2;
}

using var interrupted = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
return await Story.RunAsync(options, interrupted.Token);

// The story ends by itself then, so that it can end its worker and remove what it made.
void Interrupt(PosixSignalContext context)
{
    context.Cancel = true;
    interrupted.Cancel();
}
