namespace ReliableQueue.Tests.Architecture;

public sealed class SizeTests
{
    private const int MostLines = 300;

    [Fact]
    public void Files_OfCode_StayBelowThreeHundredLines()
    {
        var tooLong = Folders(".cs", ".lua", ".sh")
            .Select(file => (file, Lines: SourceTree.Read(file).AsSpan().Count('\n')))
            .Where(file => file.Lines > MostLines)
            .Select(file => $"{file.file} has {file.Lines} lines; the most is {MostLines}.");

        Faults.None(tooLong);
    }

    [Fact]
    public void Files_OfCSharp_AreNamedForATypeTheyHold() => Faults.None(Folders(".cs").SelectMany(FaultsOf));

    [Fact]
    public void DeclaredIn_TwoTypesAndANestedOne_FindsTheTwo() =>
        Assert.Equal(
            ["One", "Two"],
            SourceTypes.DeclaredIn(SourceText.CodeOf("namespace Q; public sealed record One(int X) { private enum Inner { A } } // class Three\ninternal interface Two<in T> where T : class { }")));

    private static IEnumerable<string> Folders(params string[] extensions) =>
        SourceTree.Files("src", extensions).Concat(SourceTree.Files("tests", extensions)).Concat(SourceTree.Files("samples", extensions));

    private static IEnumerable<string> FaultsOf(string file)
    {
        var types = SourceTypes.DeclaredIn(SourceText.CodeOf(SourceTree.Read(file)));
        var name = Path.GetFileNameWithoutExtension(file).Split('.', '{')[0];

        // A program is read from its top: the few records it speaks of stand below its statements.
        if (name == "Program" || types.Count == 0)
        {
            return [];
        }

        // The records and enums that exist only for a type stand in its file: what is read together is one file.
        return types.Contains(name) ? [] : [$"{file} declares {string.Join(", ", types)}: name the file for the type that the others exist for."];
    }
}
