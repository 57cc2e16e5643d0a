namespace ReliableQueue.Tests.Architecture;

public sealed class FolderOrderTests
{
    private const string Core = "src/ReliableQueue/";

    [Fact]
    public void Core_EveryFolder_UsesOnlyThoseBeforeIt()
    {
        var order = new FolderOrder();
        foreach (var file in SourceTree.Files(Core, ".cs"))
        {
            order.Add(file[Core.Length..], SourceTree.Read(file));
        }

        Faults.None(order.Faults());
    }

    [Fact]
    public void Faults_TypeFromFurtherDown_IsNamed()
    {
        var order = new FolderOrder();
        order.Add("Working/Settle/Settler.cs", "namespace Q; internal sealed class Settler { }");
        order.Add("Broker/Bad.cs", "namespace Q; internal sealed class Bad { private Settler? settler; }");

        Assert.Equal(["Broker/Bad.cs uses Settler, which lives further down the path (Working/Settle)."], order.Faults());
    }

    [Fact]
    public void Faults_TypeFromFurtherDownInInterpolation_IsNamed()
    {
        var order = new FolderOrder();
        order.Add("Working/Life/Worker.cs", "namespace Q; internal record struct Worker(int Count);");
        order.Add("State/Bad.cs", """namespace Q; internal static class Bad { public static string Text => $"{{no}} {nameof(Worker)}"; }""");

        Assert.Single(order.Faults());
    }

    [Fact]
    public void Faults_NameInCommentOrString_IsNoUse()
    {
        var order = new FolderOrder();
        order.Add("Working/Life/Worker.cs", "namespace Q; internal sealed class Worker;");
        order.Add("State/Good.cs", """namespace Q; internal static class Good { /* Worker */ public const string Text = "Worker"; } // Worker""");

        Assert.Empty(order.Faults());
    }

    [Theory]
    [InlineData("public Worker? Worker { get; }", 1)]
    [InlineData("public object Find() => new Worker();", 1)]
    [InlineData("public object Find() => Working.Life.Worker.Make();", 1)]
    [InlineData("public List<Worker> Workers = [];", 1)]
    [InlineData("public bool Test(object thing) => thing is Worker;", 1)]
    [InlineData("public const string Worker = null;", 0)]
    [InlineData("public string Worker { get; }", 0)]
    [InlineData("public string Text => Names.Worker;", 0)]
    public void Faults_Name_IsAUseWhereATypeMayStand(string member, int found)
    {
        var order = new FolderOrder();
        order.Add("Working/Life/Worker.cs", "namespace Q; internal sealed class Worker;");
        order.Add("State/File.cs", $"namespace Q; internal sealed class File {{ {member} }}");

        Assert.Equal(found, order.Faults().Count);
    }

    [Fact]
    public void Faults_PartialTypeInTwoFolders_BelongsToTheEarlier()
    {
        var order = new FolderOrder();
        order.Add("Working/Life/Log.cs", "namespace Q; internal static partial class Log { }");
        order.Add("Diagnostics/Log.cs", "namespace Q; internal static partial class Log { }");
        order.Add("State/Good.cs", "namespace Q; internal sealed class Good { public void Write() => Log.Write(); }");

        Assert.Empty(order.Faults());
    }

    [Fact]
    public void Faults_FileOutsideEveryFolder_IsNamed()
    {
        var order = new FolderOrder();
        order.Add("Helpers/Text.cs", "namespace Q; internal static class Text;");

        Assert.StartsWith("Helpers/Text.cs lies in no folder of the path", Assert.Single(order.Faults()), StringComparison.Ordinal);
    }
}
