namespace ReliableQueue.TestKit;

/// <summary>One direction of a connection through the proxy: whether its bytes pass, wait, get lost, or end the connection.</summary>
internal sealed class ProxyStream
{
    private readonly Lock gate = new();
    private TaskCompletionSource? held;
    private int? left;

    public bool IsDropping { get; set; }

    public bool IsHeld
    {
        get
        {
            lock (gate)
            {
                return held is not null;
            }
        }
    }

    /// <summary>How many bytes have passed.</summary>
    public long Passed { get; private set; }

    /// <summary>Whether the bytes that may still pass are used up: the connection is to be reset.</summary>
    public bool IsCut
    {
        get
        {
            lock (gate)
            {
                return left == 0;
            }
        }
    }

    /// <summary>After so many more bytes, the connection is reset.</summary>
    public void CutAfter(int bytes)
    {
        lock (gate)
        {
            left = bytes;
        }
    }

    public void Hold()
    {
        lock (gate)
        {
            held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>What was held goes on.</summary>
    public void Release()
    {
        lock (gate)
        {
            held?.SetResult();
            held = null;
        }
    }

    public Task WaitAsync(CancellationToken stop)
    {
        lock (gate)
        {
            return held?.Task.WaitAsync(stop) ?? Task.CompletedTask;
        }
    }

    /// <summary>How many of so many bytes go on.</summary>
    public int Pass(int length)
    {
        lock (gate)
        {
            var passed = IsDropping ? 0 : Math.Min(length, left ?? length);
            left -= passed;
            Passed += passed;
            return passed;
        }
    }
}
