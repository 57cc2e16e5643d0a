using ReliableQueue.State;
using ReliableQueue.Storage;

namespace ReliableQueue.Tests.State;

public sealed class RowChecksumTests
{
    private static readonly object?[] Columns = ["machine", "file"];

    [Fact]
    public void Of_AnotherTableRowOrBoundary_IsAnotherChecksum()
    {
        var checksum = RowChecksum.Of(StateTable.Identity.Name, 1, Columns);

        Assert.Equal(checksum, RowChecksum.Of(StateTable.Identity.Name, 1, ["machine", "file"]));
        Assert.NotEqual(checksum, RowChecksum.Of(StateTable.Identity.Name, 2, Columns));
        Assert.NotEqual(checksum, RowChecksum.Of(StateTable.Epochs.Name, 1, Columns));
        Assert.NotEqual(checksum, RowChecksum.Of(StateTable.Identity.Name, 1, ["machinef", "ile"]));
        Assert.NotEqual(checksum, RowChecksum.Of(StateTable.Identity.Name, 1, ["machine", "file"u8.ToArray()]));
        Assert.NotEqual(RowChecksum.Of(StateTable.Identity.Name, 1, [null]), RowChecksum.Of(StateTable.Identity.Name, 1, [string.Empty]));
    }
}
