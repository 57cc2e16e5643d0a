using System.Text.Json.Serialization;

namespace ReliableQueue.Tests.Security;

/// <summary>A part of several kinds; those named here and no other.</summary>
[JsonDerivedType(typeof(ParcelBox), "box")]
internal abstract record ParcelPart;
