using ReliableQueue.State;

namespace ReliableQueue.Tests.State;

public sealed class RowChecksumTests
{
    private static readonly object?[] Columns = ["machine", "file"];

    [Fact]
    public void Of_AnotherTableRowOrBoundary_IsAnotherChecksum()
    {
        var checksum = RowChecksum.Of(StateTable.Identity, 1, Columns);

        Assert.Equal(checksum, RowChecksum.Of(StateTable.Identity, 1, ["machine", "file"]));
        Assert.NotEqual(checksum, RowChecksum.Of(StateTable.Identity, 2, Columns));
        Assert.NotEqual(checksum, RowChecksum.Of(StateTable.Epochs, 1, Columns));
        Assert.NotEqual(checksum, RowChecksum.Of(StateTable.Identity, 1, ["machinef", "ile"]));
        Assert.NotEqual(checksum, RowChecksum.Of(StateTable.Identity, 1, ["machine", "file"u8.ToArray()]));
        Assert.NotEqual(RowChecksum.Of(StateTable.Identity, 1, [null]), RowChecksum.Of(StateTable.Identity, 1, [string.Empty]));
    }
}
