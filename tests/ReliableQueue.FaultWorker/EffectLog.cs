using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace ReliableQueue.FaultWorker;

/// <summary>
/// Where handlers say what they did: a file of this process, every line handed to the system before the handler goes on, so that it outlives a kill; and standard
/// output, for who waits for it to happen.
/// </summary>
internal sealed class EffectLog : IDisposable
{
    private readonly Lock gate = new();
    private readonly FileStream file;
    private readonly Stream output = Console.OpenStandardOutput();
    private readonly bool isTold;

    /// <param name="folder">Where the file goes.</param>
    /// <param name="isTold">Whether effects go to standard output too. Who counts them by the hundred thousand reads the file.</param>
    public EffectLog(string folder, bool isTold)
    {
        this.isTold = isTold;
        Directory.CreateDirectory(folder);
        file = new FileStream(Path.Combine(folder, $"{Environment.ProcessId}.log"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    public void Write(EffectKind kind, MessageContext context, long number)
    {
        // The clock first: a lease that is found valid afterwards was valid at that time.
        var now = Stopwatch.GetTimestamp();
        Write(new Effect(kind, Environment.ProcessId, now, context.Id, context.DeliveryCount, context.FencingToken, number, context.IsLeaseValid));
    }

    /// <summary>The host of this process begins to start.</summary>
    /// <param name="stateFile">Which worker it is: one and the same after a restart on the same file.</param>
    public void WriteHost(string stateFile) =>
        Write(new Effect(EffectKind.Host, Environment.ProcessId, Stopwatch.GetTimestamp(), default, 0, 0, BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(stateFile))), false));

    /// <summary>The state file has it on disk.</summary>
    public void WriteRecord(MessageId message, long fence) =>
        Write(new Effect(EffectKind.Record, Environment.ProcessId, Stopwatch.GetTimestamp(), message, 0, fence, 0, false));

    private void Write(Effect effect)
    {
        var line = Encoding.UTF8.GetBytes(effect + "\n");
        lock (gate)
        {
            file.Write(line);
            if (isTold)
            {
                output.Write(line);
            }
        }
    }

    /// <summary>Tells the test something that is no effect.</summary>
    public void Tell(string line)
    {
        lock (gate)
        {
            output.Write(Encoding.UTF8.GetBytes(line + "\n"));
        }
    }

    public void Dispose()
    {
        file.Dispose();
        output.Dispose();
    }
}
